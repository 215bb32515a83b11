import * as THREE from 'three';
import { Builder, turn } from './builder.js';
import { conventions } from './conventions.js';
import { everyNode, readDocument } from './document.js';
import { color } from './materials.js';
import { Textures } from './textures.js';
import { number, numbers, urls } from './values.js';

/** The order of three.js, and what X3D calls it. */
const SIDES = ['rightUrl', 'leftUrl', 'topUrl', 'bottomUrl', 'frontUrl', 'backUrl'];

/** One world: its objects by their numbers, moved as Webots says. Knows nothing of a screen. */
export class World {
  scene = new THREE.Scene();
  title = '';
  viewpoint;
  /** The names of the robots' controllers. */
  controllers = [];
  #objects = new Map();
  #builder;
  #textures;
  #Parser;

  /**
   * @param {string} base where the files of the scene are
   * @param {() => void} changed is called when there is something to be drawn again
   * @param {{Parser?: typeof DOMParser, textures?: Textures}} parts others in tests
   */
  constructor(base, changed, { Parser = globalThis.DOMParser, textures } = {}) {
    this.#Parser = Parser;
    this.#textures = textures ?? new Textures(base, changed);
  }

  /** Replaces everything by the scene of a `model:` frame or a file. */
  load(xml) {
    this.clear();
    const { nodes, version } = readDocument(xml, this.#Parser);
    const find = (name) => nodes.find((node) => node.name === name);
    const info = find('WorldInfo');
    Object.assign(this, conventions(version, info));
    this.title = info?.attributes.title ?? '';
    this.viewpoint = find('Viewpoint');
    const robots = [...everyNode(nodes)].map((node) => node.attributes.controller);
    this.controllers = [...new Set(robots)].filter(
      (name) => name && name !== 'void' && !name.startsWith('<'),
    );
    this.#builder = new Builder(this.#textures, this.since2022);
    for (const node of nodes) this.#insert(node, this.scene);
    this.#surround(find('Background'), find('Fog'));
  }

  /** Adds the nodes of a `node:` frame below a parent; 0 is the scene itself. */
  add(parent, xml) {
    const into = parent === '0' ? this.scene : this.#objects.get(parent);
    if (!into || !this.#builder) return;
    for (const node of readDocument(xml, this.#Parser).nodes) this.#insert(node, into);
  }

  /** Takes away a node and what is in it. */
  delete(id) {
    const object = this.#objects.get(id);
    if (!object) return;
    object.traverse((part) => this.#objects.delete(part.userData.id));
    object.removeFromParent();
    dispose(object);
  }

  setVisible(id, visible) {
    const object = this.#objects.get(id);
    if (object) object.visible = visible;
  }

  /** Moves what has moved. Fields are texts or lists of numbers. */
  apply(poses) {
    for (const { id, translation, rotation, scale } of poses) {
      const object = this.#objects.get(id);
      if (!object) continue;
      if (translation !== undefined) object.position.set(...values(translation, 3));
      if (rotation !== undefined) turn(object, values(rotation, 4));
      if (scale !== undefined) object.scale.set(...values(scale, 3));
    }
  }

  /** The object of a node, by its number. */
  get(id) {
    return this.#objects.get(id);
  }

  /** Where the addresses in the scene begin: at its world's folder. */
  set base(base) {
    this.#textures.base = base;
  }

  receiveImage(url, data) {
    this.#textures.receive(url, data);
  }

  clear() {
    dispose(this.scene);
    this.#textures.forget();
    this.scene.environment?.dispose();
    this.scene.clear();
    this.scene.fog = null;
    this.scene.background = null;
    this.scene.environment = null;
    this.#objects.clear();
    this.controllers = [];
  }

  #insert(node, into) {
    const object = this.#builder.build(node);
    if (!object) return;
    into.add(object);
    object.traverse((part) => {
      if (part.userData.id) this.#objects.set(part.userData.id, part);
    });
  }

  #surround(background, fog) {
    const sky = color(background, 'skyColor', [0, 0, 0]);
    const sources = SIDES.map((side) => urls(background?.attributes[side])[0]);
    this.scene.background = this.#textures.surroundings(sources) ?? sky;
    this.sky = sky;
    // What shines from the sky; without it, metal would be black.
    const luminosity = number(background, 'luminosity', 1);
    this.scene.add(
      new THREE.HemisphereLight(sky.clone().lerp(new THREE.Color(1, 1, 1), 0.5), 0x888888, 0.9 * luminosity),
    );
    if (hasMetal(this.scene)) {
      this.scene.environment = mirrored(sky);
      this.scene.environmentIntensity = 0.7 * luminosity;
      this.scene.environmentRotation.x = this.up === 'z' ? Math.PI / 2 : 0;
    }
    const range = number(fog, 'visibilityRange', 0);
    if (range > 0) {
      const tint = color(fog, 'color', [1, 1, 1]);
      const linear = (fog.attributes.fogType ?? 'LINEAR') === 'LINEAR';
      this.scene.fog = linear ? new THREE.Fog(tint, 0.01 * range, range) : new THREE.FogExp2(tint, 2 / range);
    }
  }
}

function values(value, count) {
  const list = typeof value === 'string' ? numbers(value) : Array.from(value, Number);
  return Array.from({ length: count }, (_, at) => (Number.isFinite(list[at]) ? list[at] : 0));
}

function hasMetal(scene) {
  let metal = false;
  scene.traverse(({ material }) => {
    metal ||= material?.metalness > 0.2;
  });
  return metal;
}

/** What metal mirrors: the sky above, something darker below. */
function mirrored(sky) {
  const above = sky.clone().lerp(new THREE.Color(1, 1, 1), 0.4);
  const rows = [above.clone().multiplyScalar(0.25), above.clone().multiplyScalar(0.5), above, above];
  const texels = rows.flatMap(({ r, g, b }) =>
    Array(8)
      .fill([255 * r, 255 * g, 255 * b, 255])
      .flat(),
  );
  const texture = new THREE.DataTexture(new Uint8Array(texels), 8, rows.length);
  texture.mapping = THREE.EquirectangularReflectionMapping;
  texture.magFilter = THREE.LinearFilter;
  texture.needsUpdate = true;
  return texture;
}

/** Gives back what the graphics card holds. */
function dispose(object) {
  object.traverse((part) => {
    part.geometry?.dispose();
    if (!part.material) return;
    for (const value of Object.values(part.material)) if (value?.isTexture) value.dispose();
    part.material.dispose();
  });
}
