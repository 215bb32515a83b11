import * as THREE from 'three';
import { turn } from './builder.js';
import { number, vector } from './values.js';

/** A camera that looks along x with z above, seen from one that looks along -z with y above. */
const TURN_2022 = new THREE.Quaternion().setFromRotationMatrix(
  new THREE.Matrix4().makeBasis(
    new THREE.Vector3(0, -1, 0),
    new THREE.Vector3(0, 0, 1),
    new THREE.Vector3(-1, 0, 0),
  ),
);

/**
 * Puts a camera where the world's viewpoint is, and says what it looks at.
 *
 * @param {import('./world.js').World} world
 * @param {THREE.PerspectiveCamera} camera
 * @returns {THREE.Vector3} a point in front of it, to turn around
 */
export function placeCamera(world, camera) {
  const node = world.viewpoint;
  camera.up.set(0, world.up === 'y' ? 1 : 0, world.up === 'y' ? 0 : 1);
  camera.position.set(...vector(node, 'position', world.up === 'y' ? [0, 2, 5] : [-5, 0, 2]));
  turn(camera, vector(node, 'orientation', [0, 0, 1, 0]));
  if (world.since2022) camera.quaternion.multiply(TURN_2022);
  camera.userData.fieldOfView = number(node, 'fieldOfView', 0.785398);
  const ahead = new THREE.Vector3(0, 0, -1).applyQuaternion(camera.quaternion);
  return pointAhead(world, camera.position, ahead);
}

/** Where the ray meets the ground, or else is as near as it gets to the middle of the world. */
function pointAhead(world, from, ahead) {
  const axis = world.up;
  const toGround = ahead[axis] < -1e-3 ? -from[axis] / ahead[axis] : 0;
  const box = new THREE.Box3().setFromObject(world.scene);
  const far = box.isEmpty() ? 10 : 2 * box.getSize(new THREE.Vector3()).length() + 1;
  const distance = toGround > 0 && toGround < far ? toGround : Math.max(1, -from.clone().dot(ahead));
  return from.clone().addScaledVector(ahead, distance);
}

/** Webots' field of view is that of the longer side; three.js takes the vertical one, in degrees. */
export function fitCamera(camera, width, height) {
  const angle = camera.userData.fieldOfView ?? 0.785398;
  const aspect = width / height;
  const vertical = aspect > 1 ? 2 * Math.atan(Math.tan(angle / 2) / aspect) : angle;
  camera.aspect = aspect;
  camera.fov = THREE.MathUtils.radToDeg(vertical);
  camera.updateProjectionMatrix();
}
