import * as THREE from 'three';
import { flag, number, urls, vector } from './values.js';

/** The pictures of a scene, from where its files are. A surface has its own colour until they have come. */
export class Textures {
  /** Where their addresses begin. */
  base;
  #changed;
  #sent = new Map();
  #wanted = [];
  #loader = new THREE.TextureLoader().setCrossOrigin('anonymous');

  /** @param {string} base @param {() => void} changed is called when a picture has come */
  constructor(base, changed) {
    this.base = base;
    this.#changed = changed;
  }

  /** A picture came as data: old Webots send them so, before or after the scene (W3.3). */
  receive(url, data) {
    this.#sent.set(url, data);
    for (const { source, load } of this.#wanted) if (source === url) load();
  }

  /**
   * Fetches a picture, and gives it when it has come.
   *
   * @param {import('./document.js').X3dNode} node an `ImageTexture`
   * @param {import('./document.js').X3dNode} [transform] a `TextureTransform`
   * @param {boolean} colour whether it holds colours, and not measures
   * @param {(texture: THREE.Texture) => void} give
   */
  fetch(node, transform, colour, give) {
    const [source] = urls(node.attributes.url);
    if (!source) return;
    const come = (texture) => {
      dress(texture, node, transform);
      if (colour) texture.colorSpace = THREE.SRGBColorSpace;
      give(texture);
      this.#changed();
    };
    const load = () => this.#loader.load(this.#address(source), come, undefined, () => {});
    this.#wanted.push({ source, load });
    load();
  }

  /** Six pictures around everything, in the order of three.js; `null` if one has no address. */
  surroundings(sources) {
    if (!sources.every(Boolean)) return null;
    const loader = new THREE.CubeTextureLoader().setCrossOrigin('anonymous');
    return loader.load(
      sources.map((source) => this.#address(source)),
      this.#changed,
    );
  }

  /** Another scene: nobody waits for the pictures of the one before. */
  forget() {
    this.#wanted = [];
  }

  #address(source) {
    const data = this.#sent.get(source);
    if (data) return data;
    // `webots://` is replaced by Webots itself where it serves its own files.
    return new URL(source.replace(/^webots:\/\//, '~WEBOTS_HOME/'), this.base).href;
  }
}

/** How a picture lies on its surface. */
function dress(texture, node, transform) {
  texture.wrapS = flag(node, 'repeatS', true) ? THREE.RepeatWrapping : THREE.ClampToEdgeWrapping;
  texture.wrapT = flag(node, 'repeatT', true) ? THREE.RepeatWrapping : THREE.ClampToEdgeWrapping;
  texture.anisotropy = 8;
  const [scaleX, scaleY] = vector(transform, 'scale', [1, 1]);
  const [moveX, moveY] = vector(transform, 'translation', [0, 0]);
  texture.repeat.set(scaleX, scaleY);
  texture.offset.set(moveX * scaleX, moveY * scaleY);
  texture.rotation = number(transform, 'rotation', 0);
}
