import * as THREE from 'three';
import { mergeVertices, toCreasedNormals } from 'three/addons/utils/BufferGeometryUtils.js';
import { flag, number, numbers, pieces, vector } from './values.js';

/** The bodies that are made of points. @typedef {import('./document.js').X3dNode} X3dNode */

/** The most points on a side of an elevation grid. */
const WIDEST = 2048;

/** @param {X3dNode} node */
export function indexedFaceSet(node) {
  const points = triples(child(node, 'Coordinate'), 'point');
  const normals = triples(child(node, 'Normal'), 'vector');
  const textures = numbers(child(node, 'TextureCoordinate')?.attributes.point);
  const faces = pieces(numbers(node.attributes.coordIndex));
  const normalFaces = pieces(numbers(node.attributes.normalIndex));
  const textureFaces = pieces(numbers(node.attributes.texCoordIndex));
  const turned = !flag(node, 'ccw', true);
  const position = [];
  const normal = [];
  const uv = [];
  faces.forEach((face, at) => {
    // A fan: faces with more than three corners are convex.
    for (let third = 2; third < face.length; third += 1) {
      for (const corner of turned ? [0, third, third - 1] : [0, third - 1, third]) {
        position.push(...(points[face[corner]] ?? [0, 0, 0]));
        if (normals.length) normal.push(...(normals[(normalFaces[at] ?? face)[corner]] ?? [0, 0, 1]));
        if (textures.length) {
          const index = (textureFaces[at] ?? face)[corner] ?? 0;
          uv.push(textures[2 * index] ?? 0, textures[2 * index + 1] ?? 0);
        }
      }
    }
  });
  const geometry = made({ position, normal, uv });
  return normals.length ? geometry : smoothed(geometry, number(node, 'creaseAngle', 0));
}

/** @param {X3dNode} node */
export function indexedLineSet(node) {
  const points = triples(child(node, 'Coordinate'), 'point');
  const colors = triples(child(node, 'Color'), 'color');
  const position = [];
  const color = [];
  for (const line of pieces(numbers(node.attributes.coordIndex))) {
    for (let second = 1; second < line.length; second += 1) {
      for (const index of [line[second - 1], line[second]]) {
        position.push(...(points[index] ?? [0, 0, 0]));
        if (colors.length) color.push(...(colors[index] ?? [1, 1, 1]));
      }
    }
  }
  return made({ position, color });
}

/** @param {X3dNode} node */
export function pointSet(node) {
  const position = triples(child(node, 'Coordinate'), 'point').flat();
  const color = triples(child(node, 'Color'), 'color').flat();
  return made({ position, color: color.length === position.length ? color : [] });
}

/**
 * A grid of heights: over x and y since 2022, over x and z before.
 *
 * @param {X3dNode} node @param {boolean} since2022
 */
export function elevationGrid(node, since2022) {
  const other = since2022 ? 'y' : 'z';
  const columns = Math.min(WIDEST, number(node, 'xDimension', 0));
  const rows = Math.min(WIDEST, number(node, `${other}Dimension`, 0));
  const [dx, dy] = [number(node, 'xSpacing', 1), number(node, `${other}Spacing`, 1)];
  const heights = numbers(node.attributes.height);
  const colors = triples(child(node, 'Color'), 'color');
  const perPoint = flag(node, 'colorPerVertex', true);
  const corner = (column, row) => {
    const height = heights[row * columns + column] ?? 0;
    return since2022 ? [column * dx, row * dy, height] : [column * dx, height, row * dy];
  };
  const position = [];
  const uv = [];
  const color = [];
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const square = [
        [0, 0],
        [1, 0],
        [1, 1],
        [0, 0],
        [1, 1],
        [0, 1],
      ];
      for (const [right, up] of since2022 ? square : square.toReversed()) {
        const [c, r] = [column + right, row + up];
        position.push(...corner(c, r));
        uv.push(c / (columns - 1), 1 - r / (rows - 1));
        if (colors.length)
          color.push(...(colors[perPoint ? r * columns + c : row * (columns - 1) + column] ?? [1, 1, 1]));
      }
    }
  }
  return smoothed(made({ position, uv, color }), number(node, 'creaseAngle', 0.4));
}

function smoothed(geometry, creaseAngle) {
  if (creaseAngle > 0) return toCreasedNormals(mergeVertices(geometry), creaseAngle);
  geometry.computeVertexNormals();
  return geometry;
}

function made(attributes) {
  const geometry = new THREE.BufferGeometry();
  for (const [name, values] of Object.entries(attributes)) {
    if (values.length || name === 'position') {
      geometry.setAttribute(name, new THREE.Float32BufferAttribute(values, name === 'uv' ? 2 : 3));
    }
  }
  return geometry;
}

function child(node, name) {
  return node.children.find((it) => it.name === name);
}

function triples(node, attribute) {
  const all = numbers(node?.attributes[attribute]);
  return Array.from({ length: Math.floor(all.length / 3) }, (_, at) => all.slice(3 * at, 3 * at + 3));
}
