import * as THREE from 'three';
import { color } from './materials.js';
import { flag, number, vector } from './values.js';

/** Webots counts light in units that look right with this factor. */
const STRENGTH = Math.PI / 3;

/**
 * The lights that X3D knows by name; each becomes a group with what it needs in it.
 *
 * @type {Record<string, (node: import('./document.js').X3dNode) => THREE.Group>}
 */
export const lights = {
  DirectionalLight(node) {
    const light = new THREE.DirectionalLight(color(node, 'color', [1, 1, 1]), strength(node));
    const direction = new THREE.Vector3(...vector(node, 'direction', [0, 0, -1])).normalize();
    light.position.copy(direction).multiplyScalar(-20);
    light.castShadow = flag(node, 'castShadows', false);
    light.shadow.mapSize.set(1024, 1024);
    light.shadow.bias = -0.0005;
    light.shadow.normalBias = 0.002;
    return group(node, light, light.target);
  },
  PointLight(node) {
    const light = new THREE.PointLight(
      color(node, 'color', [1, 1, 1]),
      strength(node),
      number(node, 'radius', 100),
    );
    light.position.set(...vector(node, 'location', [0, 0, 0]));
    light.decay = decay(node);
    return group(node, light);
  },
  SpotLight(node) {
    const angle = Math.min(Math.PI / 2, number(node, 'cutOffAngle', 0.785398));
    const soft = 1 - Math.min(1, number(node, 'beamWidth', angle) / angle);
    const light = new THREE.SpotLight(
      color(node, 'color', [1, 1, 1]),
      strength(node),
      number(node, 'radius', 100),
      angle,
      soft,
    );
    light.position.set(...vector(node, 'location', [0, 0, 0]));
    light.target.position
      .copy(light.position)
      .add(new THREE.Vector3(...vector(node, 'direction', [0, 0, -1])));
    light.decay = decay(node);
    light.castShadow = flag(node, 'castShadows', false);
    return group(node, light, light.target);
  },
};

function strength(node) {
  return flag(node, 'on', true) ? STRENGTH * number(node, 'intensity', 1) : 0;
}

/** With distance, light fades not at all, as it, or as its square. */
function decay(node) {
  const [, first, second] = vector(node, 'attenuation', [1, 0, 0]);
  if (second > 0) return 2;
  return first > 0 ? 1 : 0;
}

function group(node, ...objects) {
  const group = new THREE.Group();
  group.add(...objects);
  // The light that comes from everywhere.
  const ambient = number(node, 'ambientIntensity', 0);
  if (ambient > 0 && flag(node, 'on', true))
    group.add(new THREE.AmbientLight(color(node, 'color', [1, 1, 1]), ambient));
  return group;
}
