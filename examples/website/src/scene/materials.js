import * as THREE from 'three';
import { number, vector } from './values.js';

/** @typedef {import('./document.js').X3dNode} X3dNode */

/** What a shape without an appearance looks like. */
export function plainMaterial() {
  return new THREE.MeshStandardMaterial({ color: 0xffffff, roughness: 1 });
}

/**
 * A `PBRAppearance`.
 *
 * @param {X3dNode} node
 * @param {import('./textures.js').Textures} textures
 */
export function pbrMaterial(node, textures) {
  const material = new THREE.MeshStandardMaterial({
    color: color(node, 'baseColor', [1, 1, 1]),
    emissive: color(node, 'emissiveColor', [0, 0, 0]),
    emissiveIntensity: number(node, 'emissiveIntensity', 1),
    roughness: number(node, 'roughness', 0),
    metalness: number(node, 'metalness', 1),
    envMapIntensity: number(node, 'IBLStrength', 1),
  });
  seeThrough(material, number(node, 'transparency', 0));
  const transform = node.children.find((child) => child.name === 'TextureTransform');
  for (const picture of node.children.filter((child) => child.name === 'ImageTexture')) {
    const role = roleOf(picture);
    if (Object.hasOwn(MAPS, role))
      textures.fetch(picture, transform, role.endsWith('Color'), putOn(material, MAPS[role]));
  }
  const strength = number(node, 'normalMapFactor', 1);
  material.normalScale.set(strength, strength);
  material.aoMapIntensity = number(node, 'occlusionMapStrength', 1);
  letThrough(material, node);
  return material;
}

/** What three.js calls the pictures of a surface. */
const MAPS = {
  baseColor: 'map',
  roughness: 'roughnessMap',
  metalness: 'metalnessMap',
  normal: 'normalMap',
  occlusion: 'aoMap',
  emissiveColor: 'emissiveMap',
};

function putOn(material, map) {
  return (texture) => {
    material[map] = texture;
    material.needsUpdate = true;
  };
}

/** What a picture is for: `type` until 2022, `role` since, with or without `Map` at its end. */
function roleOf({ attributes: { type, role } }) {
  return (role ?? type ?? 'baseColor').replace(/Map$/, '');
}

/**
 * An `Appearance`, with its `Material`.
 *
 * @param {X3dNode} node
 * @param {import('./textures.js').Textures} textures
 */
export function phongMaterial(node, textures) {
  const [of, picture, transform] = ['Material', 'ImageTexture', 'TextureTransform'].map((name) =>
    node.children.find((child) => child.name === name),
  );
  const material = new THREE.MeshPhongMaterial({
    color: of ? color(of, 'diffuseColor', [0.8, 0.8, 0.8]) : new THREE.Color(1, 1, 1),
    emissive: color(of, 'emissiveColor', [0, 0, 0]),
    specular: color(of, 'specularColor', [0, 0, 0]),
    shininess: 128 * number(of, 'shininess', 0.2),
  });
  seeThrough(material, number(of, 'transparency', 0));
  if (picture) textures.fetch(picture, transform, true, putOn(material, 'map'));
  letThrough(material, node);
  return material;
}

/** Lines and points shine by themselves. */
export function unlitMaterial(node, kind, coloured) {
  const of = node?.children.find((child) => child.name === 'Material');
  const found =
    node?.name === 'PBRAppearance'
      ? color(node, 'baseColor', [1, 1, 1])
      : color(of, 'emissiveColor', [1, 1, 1]);
  const Material = kind === 'points' ? THREE.PointsMaterial : THREE.LineBasicMaterial;
  const material = new Material({ color: coloured ? 0xffffff : found, vertexColors: coloured });
  if (kind === 'points') material.size = 0.01;
  return material;
}

export function color(node, name, otherwise) {
  const [red, green, blue] = vector(node, name, otherwise);
  return new THREE.Color().setRGB(red, green, blue, THREE.SRGBColorSpace);
}

function seeThrough(material, transparency) {
  material.opacity = 1 - transparency;
  material.transparent = transparency > 0;
}

/** Pictures with holes. */
function letThrough(material, node) {
  if (
    node.children.some((child) => child.name === 'ImageTexture' && child.attributes.isTransparent === 'true')
  ) {
    material.transparent = true;
    material.alphaTest = 0.05;
  }
}
