import * as THREE from 'three';
import { flag, number, urls, vector } from './values.js';

/** The pictures of a scene, from where its files are. */
export class Textures {
  /** Where their addresses begin. */
  base;
  #changed;
  #sent = new Map();
  #loader = new THREE.TextureLoader().setCrossOrigin('anonymous');
  #made = [];

  /** @param {string} base @param {() => void} changed is called when a picture has come */
  constructor(base, changed) {
    this.base = base;
    this.#changed = changed;
  }

  /** A picture came as data: old Webots sends them so, before or after the scene (W3.3). */
  receive(url, data) {
    this.#sent.set(url, data);
    for (const { texture, source } of this.#made) if (source === url) this.#fill(texture, url);
  }

  /**
   * @param {import('./document.js').X3dNode} node an `ImageTexture`
   * @param {import('./document.js').X3dNode} [transform] a `TextureTransform`
   * @param {boolean} colour whether it holds colours, and not measures
   */
  make(node, transform, colour) {
    const [source] = urls(node.attributes.url);
    if (!source) return null;
    const texture = new THREE.Texture();
    if (colour) texture.colorSpace = THREE.SRGBColorSpace;
    texture.wrapS = flag(node, 'repeatS', true) ? THREE.RepeatWrapping : THREE.ClampToEdgeWrapping;
    texture.wrapT = flag(node, 'repeatT', true) ? THREE.RepeatWrapping : THREE.ClampToEdgeWrapping;
    texture.anisotropy = 8;
    const [scaleX, scaleY] = vector(transform, 'scale', [1, 1]);
    const [moveX, moveY] = vector(transform, 'translation', [0, 0]);
    texture.repeat.set(scaleX, scaleY);
    texture.offset.set(moveX * scaleX, moveY * scaleY);
    texture.rotation = number(transform, 'rotation', 0);
    this.#made.push({ texture, source });
    this.#fill(texture, source);
    return texture;
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

  #fill(texture, source) {
    this.#loader.load(
      this.#address(source),
      (loaded) => {
        texture.image = loaded.image;
        texture.needsUpdate = true;
        this.#changed();
      },
      undefined,
      () => {},
    );
  }

  #address(source) {
    const data = this.#sent.get(source);
    if (data) return data;
    // `webots://` is replaced by Webots itself where it serves its own files.
    return new URL(source.replace(/^webots:\/\//, '~WEBOTS_HOME/'), this.base).href;
  }
}
