import * as THREE from 'three';
import { flag, number, vector } from './values.js';

/** The most parts that a round body is made of, whatever the scene says. */
const FINEST = 96;

/**
 * The bodies that X3D knows by name, along z since 2022 and along y before.
 *
 * @type {Record<string, (node: import('./document.js').X3dNode, since2022: boolean) => THREE.BufferGeometry>}
 */
export const primitives = {
  Box(node) {
    return new THREE.BoxGeometry(...vector(node, 'size', [2, 2, 2]).slice(0, 3));
  },
  Sphere(node, since2022) {
    const radius = number(node, 'radius', 1);
    const subdivision = number(node, 'subdivision', 24);
    // Where one number is given it is that of an icosahedron's divisions, which get many soon.
    const ico = flag(node, 'ico', false);
    const parts = parted(ico ? 12 + 12 * subdivision : Math.max(32, subdivision));
    return standing(new THREE.SphereGeometry(radius, parts, Math.ceil(parts / 2)), since2022);
  },
  Cylinder(node, since2022) {
    const radius = number(node, 'radius', 1);
    const parts = parted(number(node, 'subdivision', 36));
    const body = new THREE.CylinderGeometry(radius, radius, number(node, 'height', 2), parts);
    return standing(onlySides(body, node), since2022);
  },
  Cone(node, since2022) {
    const parts = parted(number(node, 'subdivision', 36));
    const body = new THREE.ConeGeometry(number(node, 'bottomRadius', 1), number(node, 'height', 2), parts);
    return standing(onlySides(body, node), since2022);
  },
  Capsule(node, since2022) {
    const parts = parted(number(node, 'subdivision', 36));
    return standing(
      new THREE.CapsuleGeometry(
        number(node, 'radius', 1),
        number(node, 'height', 2),
        Math.ceil(parts / 4),
        parts,
      ),
      since2022,
    );
  },
  Plane(node, since2022) {
    const [x, y] = vector(node, 'size', [1, 1]);
    const plane = new THREE.PlaneGeometry(x, y);
    return since2022 ? plane : plane.rotateX(-Math.PI / 2);
  },
};

/** Takes away the sides that a round body is said not to have. */
function onlySides(geometry, node) {
  const wanted = ['side', 'top', 'bottom'].map((name) => flag(node, name, true));
  if (wanted.every(Boolean)) return geometry;
  const index = Array.from(geometry.index.array);
  const kept = geometry.groups.filter(({ materialIndex }) => wanted[materialIndex]);
  geometry.setIndex(kept.flatMap(({ start, count }) => index.slice(start, start + count)));
  geometry.clearGroups();
  return geometry;
}

function standing(geometry, since2022) {
  return since2022 ? geometry.rotateX(Math.PI / 2) : geometry;
}

function parted(parts) {
  return Math.min(FINEST, Math.max(3, Math.round(parts)));
}
