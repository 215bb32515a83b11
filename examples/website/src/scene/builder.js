import * as THREE from 'three';
import { idOf } from './document.js';
import { primitives } from './geometries.js';
import { lights } from './lights.js';
import { pbrMaterial, phongMaterial, plainMaterial, unlitMaterial } from './materials.js';
import { elevationGrid, indexedFaceSet, indexedLineSet, pointSet } from './meshes.js';
import { flag, vector } from './values.js';

/** @typedef {import('./document.js').X3dNode} X3dNode */

const meshes = { IndexedFaceSet: indexedFaceSet, ElevationGrid: elevationGrid };
const strokes = { IndexedLineSet: ['lines', indexedLineSet], PointSet: ['points', pointSet] };

/**
 * Makes three.js objects of X3D nodes. Objects carry in `userData.id` the number by which Webots names
 * their node. What has a name (`DEF`, or its id) can be used again with `USE`, in later pieces too.
 */
export class Builder {
  #defined = new Map();
  #textures;
  #since2022;

  /** @param {import('./textures.js').Textures} textures @param {boolean} since2022 */
  constructor(textures, since2022) {
    this.#textures = textures;
    this.#since2022 = since2022;
  }

  /** @param {X3dNode} written @returns {THREE.Object3D | null} `null` for what cannot be seen */
  build(written) {
    const node = this.#resolved(written);
    // What bodies bump with is not seen.
    if (!node || written.attributes.role === 'boundingObject') return null;
    const object = this.#object(node);
    if (!object) return null;
    object.userData.id = idOf(written);
    object.name = node.attributes.name ?? '';
    if (node.attributes.render === 'false' || node.attributes.visible === 'false') object.visible = false;
    return object;
  }

  #object(node) {
    if (Object.hasOwn(lights, node.name)) return lights[node.name](node);
    switch (node.name) {
      case 'Transform':
      case 'Pose':
      case 'Solid':
      case 'Robot':
      case 'Group':
      case 'Billboard':
        return this.#frame(node);
      case 'Shape':
        return this.#shape(node);
      default:
        return null;
    }
  }

  #frame(node) {
    const group = new THREE.Group();
    group.position.set(...vector(node, 'translation', [0, 0, 0]));
    turn(group, vector(node, 'rotation', [0, 0, 1, 0]));
    group.scale.set(...vector(node, 'scale', [1, 1, 1]));
    for (const child of node.children) {
      const object = this.build(child);
      if (object) group.add(object);
    }
    return group;
  }

  #shape(node) {
    const parts = node.children.map((child) => this.#resolved(child)).filter(Boolean);
    // Old Webots give an appearance in both ways: the better one first.
    const look =
      parts.find(({ name }) => name === 'PBRAppearance') ?? parts.find(({ name }) => name === 'Appearance');
    for (const part of parts) {
      const drawn = this.#drawn(part, look);
      if (!drawn) continue;
      const shadows = flag(node, 'castShadows', true);
      drawn.castShadow = shadows;
      drawn.receiveShadow = shadows || Object.hasOwn(meshes, part.name) || part.name === 'Plane';
      return drawn;
    }
    return null;
  }

  #drawn(part, look) {
    if (Object.hasOwn(strokes, part.name)) {
      const [kind, read] = strokes[part.name];
      const geometry = read(part);
      const material = unlitMaterial(look, kind, geometry.hasAttribute('color'));
      return kind === 'points'
        ? new THREE.Points(geometry, material)
        : new THREE.LineSegments(geometry, material);
    }
    const make = Object.hasOwn(meshes, part.name)
      ? meshes[part.name]
      : Object.hasOwn(primitives, part.name) && primitives[part.name];
    if (!make) return null;
    const geometry = make(part, this.#since2022);
    const material = this.#material(look);
    if (geometry.hasAttribute('color')) material.vertexColors = true;
    if ((part.name in meshes && !flag(part, 'solid', true)) || part.name === 'Plane')
      material.side = THREE.DoubleSide;
    return new THREE.Mesh(geometry, material);
  }

  #material(look) {
    if (!look) return plainMaterial();
    const parts = { ...look, children: look.children.map((child) => this.#resolved(child)).filter(Boolean) };
    return look.name === 'PBRAppearance'
      ? pbrMaterial(parts, this.#textures)
      : phongMaterial(parts, this.#textures);
  }

  /** The node itself, or the one that it uses again, where only what it is for is its own. */
  #resolved(node) {
    const used = node.attributes.USE;
    if (used !== undefined) {
      const defined = this.#defined.get(used.replace(/^n(?=\d)/, ''));
      const { type, role } = node.attributes;
      return defined && (type || role)
        ? { ...defined, attributes: { ...defined.attributes, type, role } }
        : defined;
    }
    const id = idOf(node);
    if (id) this.#defined.set(id, node);
    if (node.attributes.DEF) this.#defined.set(node.attributes.DEF.replace(/^n(?=\d)/, ''), node);
    return node;
  }
}

const axis = new THREE.Vector3();

/** Turns an object by an axis and an angle. */
export function turn(object, [x, y, z, angle]) {
  axis.set(x, y, z);
  if (axis.lengthSq() === 0) axis.set(0, 0, 1);
  object.quaternion.setFromAxisAngle(axis.normalize(), angle);
}
