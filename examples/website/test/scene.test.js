// X3D as Webots writes it, as objects.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DOMParser } from '@xmldom/xmldom';
import * as THREE from 'three';
import { readDocument, SceneError } from '../src/scene/document.js';
import { placeCamera, fitCamera } from '../src/scene/viewpoint.js';
import { urls } from '../src/scene/values.js';
import { World } from '../src/scene/world.js';

/** Pictures that are only remembered. */
class Pictures {
  asked = [];
  sent = [];
  fetch(node, transform, colour, give) {
    this.asked.push(urls(node.attributes.url)[0]);
    give(new THREE.Texture());
  }

  forget() {}

  receive(url) {
    this.sent.push(url);
  }

  surroundings(sources) {
    return sources.every(Boolean) ? new THREE.CubeTexture() : null;
  }
}

function world(scene, version = 'R2023b') {
  const textures = new Pictures();
  const made = new World('http://h/', () => {}, { Parser: DOMParser, textures });
  made.load(
    `<?xml version="1.0"?><x3d><head><meta name="generator" content="Webots" /><meta name="version" content="${version}" /></head>\n<Scene>\n${scene}</Scene></x3d>`,
  );
  return { world: made, textures };
}

const shape = (geometry, look = '') => `<Shape id='n90'>${look}${geometry}</Shape>`;

function mesh(geometry, look, version) {
  return world(shape(geometry, look), version).world.get('90');
}

/** How far a body reaches along x, y and z. */
function size(object) {
  return new THREE.Box3()
    .setFromObject(object)
    .getSize(new THREE.Vector3())
    .toArray()
    .map((it) => Math.round(it * 1000) / 1000);
}

test('nodes in nodes, by the numbers of Webots', () => {
  const { world: it } =
    world(`<Transform id='n5' name='robot' translation='1 2 3' rotation='0 0 1 1.5708' scale='2 2 2'>
    <Pose id='n6' translation='1 0 0'>${shape("<Box size='1 1 1'/>")}</Pose></Transform>`);
  const at = it.get('90').getWorldPosition(new THREE.Vector3());
  assert.deepEqual(
    at.toArray().map((value) => Math.round(value * 100) / 100),
    [1, 4, 3],
  );
  assert.equal(it.scene.getObjectByName('robot'), it.get('5'));
});

test('poses move what they name; the rest stays', () => {
  const { world: it } = world("<Transform id='n5'/><Transform id='n6' translation='9 9 9'/>");
  it.apply([
    { id: '5', translation: '1 2 3', rotation: '0 1 0 3.14159' },
    { id: '77', translation: '1 1 1' },
  ]);
  assert.deepEqual(it.get('5').position.toArray(), [1, 2, 3]);
  assert.ok(Math.abs(it.get('5').quaternion.y - 1) < 1e-5);
  it.apply([{ id: '5', translation: [4, 5, 6], scale: '2 2 2' }]);
  assert.deepEqual(it.get('5').position.toArray(), [4, 5, 6]);
  assert.deepEqual(it.get('6').position.toArray(), [9, 9, 9]);
});

test('nodes come, go, and are hidden', () => {
  const { world: it } = world("<Transform id='n5'/>");
  it.add('5', `<nodes><Transform id='n7'>${shape('<Box/>')}</Transform></nodes>`);
  it.add('0', "<Transform id='n8'/>");
  it.add('66', "<Transform id='n9'/>");
  assert.equal(it.get('7').parent, it.get('5'));
  assert.equal(it.get('8').parent, it.scene);
  assert.equal(it.get('9'), undefined);
  it.setVisible('8', false);
  assert.equal(it.get('8').visible, false);
  it.delete('5');
  assert.deepEqual(
    ['5', '7', '90'].map((id) => it.get(id)),
    [undefined, undefined, undefined],
  );
  it.delete('5');
});

test('hidden from the start', () => {
  assert.equal(world("<Transform id='n5' render='false'/>").world.get('5').visible, false);
});

test('primitives stand along z since 2022, along y before', () => {
  for (const [geometry, upright, before] of [
    ["<Box size='1 2 3'/>", [1, 2, 3], [1, 2, 3]],
    ["<Sphere radius='2'/>", [4, 4, 4], [4, 4, 4]],
    ["<Cylinder radius='1' height='5'/>", [2, 2, 5], [2, 5, 2]],
    ["<Cone bottomRadius='1' height='5'/>", [2, 2, 5], [2, 5, 2]],
    ["<Capsule radius='1' height='3' subdivision='8'/>", [2, 2, 5], [2, 5, 2]],
    ["<Plane size='3,2'/>", [3, 2, 0], [3, 0, 2]],
    ["<Plane size='3 2'/>", [3, 2, 0], [3, 0, 2]],
  ]) {
    const near = (found, wanted) =>
      found.every((it, at) => Math.abs(it - wanted[at]) < 0.05 * (1 + wanted[at]));
    const [now, then] = [size(mesh(geometry)), size(mesh(geometry, '', 'R2021b'))];
    assert.ok(near(now, upright), `${geometry}: ${now}`);
    assert.ok(near(then, before), `${geometry} before 2022: ${then}`);
  }
});

test('round bodies without some of their sides', () => {
  const corners = (geometry) => mesh(geometry).geometry.index.count;
  const whole = corners("<Cylinder subdivision='12'/>");
  const [open, lid] = ["bottom='false'", "side='false' bottom='false'"].map((without) =>
    corners(`<Cylinder subdivision='12' ${without}/>`),
  );
  assert.deepEqual([whole, open, lid], [4 * 36, 3 * 36, 36]);
  assert.equal(corners("<Cone subdivision='12'/>") - corners("<Cone subdivision='12' bottom='false'/>"), 36);
});

test('faces with any number of corners, with normals and texture coordinates or without', () => {
  const square =
    "<IndexedFaceSet coordIndex='0 1 2 3 -1'><Coordinate point='0 0 0, 1 0 0, 1 1 0, 0 1 0'/><TextureCoordinate point='0 0, 1 0, 1 1, 0 1'/></IndexedFaceSet>";
  const { geometry } = mesh(square);
  assert.equal(geometry.attributes.position.count, 6);
  assert.ok(geometry.attributes.normal.array[2] > 0.99);
  assert.deepEqual([...geometry.attributes.uv.array], [0, 0, 1, 0, 1, 1, 0, 0, 1, 1, 0, 1]);
  const turned = mesh(
    "<IndexedFaceSet ccw='false' coordIndex='0 1 2 -1'><Coordinate point='0 0 0 1 0 0 1 1 0'/></IndexedFaceSet>",
  );
  assert.equal(turned.geometry.attributes.normal.array[2], -1);
  const given = mesh(
    "<IndexedFaceSet coordIndex='0 1 2 -1' normalIndex='0 0 0 -1'><Coordinate point='0 0 0 1 0 0 1 1 0'/><Normal vector='0 1 0'/></IndexedFaceSet>",
  );
  assert.deepEqual([...given.geometry.attributes.normal.array], [0, 1, 0, 0, 1, 0, 0, 1, 0]);
});

test('faces whose numbers lead nowhere do no harm', () => {
  const { geometry } = mesh(
    "<IndexedFaceSet coordIndex='0 5 900000 -1 7'><Coordinate point='0 0 x'/></IndexedFaceSet>",
  );
  assert.equal(geometry.attributes.position.count, 3);
});

test('lines and points, with colours', () => {
  const lines = mesh(
    "<IndexedLineSet coordIndex='0 1 2 -1 0 2 -1'><Coordinate point='0 0 0 1 0 0 1 1 0'/></IndexedLineSet>",
    "<Appearance><Material emissiveColor='1 0 0'/></Appearance>",
  );
  assert.ok(lines.isLineSegments);
  assert.equal(lines.geometry.attributes.position.count, 6);
  assert.deepEqual(lines.material.color.toArray(), [1, 0, 0]);
  const points = mesh("<PointSet><Coordinate point='0 0 0 1 0 0'/><Color color='1 0 0 0 1 0'/></PointSet>");
  assert.ok(points.isPoints && points.material.vertexColors);
});

test('grids of heights lie level, whichever way is up', () => {
  const heights = "height='0 0 0 0 2 0 0 0 0'";
  assert.deepEqual(
    size(mesh(`<ElevationGrid xDimension='3' yDimension='3' xSpacing='2' ySpacing='3' ${heights}/>`)),
    [4, 6, 2],
  );
  const before = mesh(
    `<ElevationGrid xDimension='3' zDimension='3' xSpacing='2' zSpacing='3' ${heights}/>`,
    '',
    'R2021b',
  );
  assert.deepEqual(size(before), [4, 2, 6]);
  // Seen from above, they are not seen through.
  const flat = mesh("<ElevationGrid xDimension='2' yDimension='2' height='0 0 0 0'/>");
  assert.ok(flat.geometry.attributes.normal.array[2] > 0.99);
  const flatBefore = mesh("<ElevationGrid xDimension='2' zDimension='2' height='0 0 0 0'/>", '', 'R2021b');
  assert.ok(flatBefore.geometry.attributes.normal.array[1] > 0.99);
});

test('of two appearances the better one is taken', () => {
  const { world: it, textures } = world(
    shape(
      '<Box/>',
      `<Appearance><Material diffuseColor='1 0 0'/><ImageTexture url='"old.png"'/></Appearance>
    <PBRAppearance baseColor='0 1 0' roughness='0.3' metalness='0' transparency='0.25'><ImageTexture url='"textures/a b.png"' type='baseColor'/></PBRAppearance>`,
    ),
  );
  const { material } = it.get('90');
  assert.ok(material.isMeshStandardMaterial && material.transparent && material.map);
  assert.deepEqual([material.roughness, material.metalness, material.opacity], [0.3, 0, 0.75]);
  assert.deepEqual(textures.asked, ['textures/a b.png']);
});

test('what a picture is for: until 2022, and since', () => {
  for (const [base, normal] of [
    ["type='baseColor'", "type='normal'"],
    ["role='baseColorMap'", "role='normalMap'"],
  ]) {
    const { material } = mesh(
      '<Box/>',
      `<PBRAppearance><ImageTexture url='"a.png"' ${base}/><ImageTexture url='"b.png"' ${normal}/></PBRAppearance>`,
    );
    assert.ok(material.map && material.normalMap && !material.roughnessMap);
  }
});

test('what bodies bump with is not seen', () => {
  assert.equal(world("<Shape id='n90' role='boundingObject'><Box/></Shape>").world.get('90'), undefined);
});

test('an old appearance alone', () => {
  const { material } = mesh(
    '<Box/>',
    "<Appearance><Material diffuseColor='1 0 0' shininess='0.5'/></Appearance>",
  );
  assert.ok(material.isMeshPhongMaterial);
  assert.deepEqual(material.color.toArray(), [1, 0, 0]);
  assert.equal(material.shininess, 64);
});

test('what was defined is used again, by name or number', () => {
  const { world: it } = world(`
    <Shape id='n10'><PBRAppearance id='n11' DEF='RED' baseColor='1 0 0'/><Box id='n12' size='1 2 3'/></Shape>
    <Shape id='n20'><PBRAppearance USE='RED'/><Box USE='n12'/></Shape>
    <Transform DEF='T' id='n30' translation='1 0 0'><Shape id='n31'><Box/></Shape></Transform>
    <Transform id='n40' USE='T'/><Shape id='n50'><Box USE='nowhere'/></Shape>`);
  assert.deepEqual(it.get('20').material.color.toArray(), [1, 0, 0]);
  assert.deepEqual(size(it.get('20')), [1, 2, 3]);
  assert.equal(it.get('40').children.length, 1);
  assert.equal(it.get('50'), undefined);
});

test('lights', () => {
  const { world: it } =
    world(`<DirectionalLight id='n1' direction='0 0 -1' intensity='2' castShadows='true' ambientIntensity='0.5'/>
    <PointLight id='n2' location='1 2 3' attenuation='0 0 1'/><SpotLight id='n3' location='0 0 2' direction='0 0 -1' cutOffAngle='0.5' on='false'/>`);
  const light = (id) => it.get(id).children.find((child) => child.isLight && !child.isAmbientLight);
  assert.ok(light('1').isDirectionalLight && light('1').castShadow && light('1').position.z > 0);
  assert.ok(it.get('1').children.some((child) => child.isAmbientLight));
  assert.deepEqual([light('2').position.toArray(), light('2').decay], [[1, 2, 3], 2]);
  assert.deepEqual([light('3').angle, light('3').intensity], [0.5, 0]);
});

test('metal has something to mirror; where there is none, nothing is drawn for it', () => {
  const look = (metalness) => world(shape('<Box/>', `<PBRAppearance metalness='${metalness}'/>`)).world.scene;
  assert.ok(look(1).environment);
  assert.equal(look(0).environment, null);
});

test('sky and fog', () => {
  const { world: it } = world(
    "<Background skyColor='0 0 1'/><Fog color='1 1 1' visibilityRange='10' fogType='EXPONENTIAL'/>",
  );
  assert.deepEqual(it.scene.background.toArray(), [0, 0, 1]);
  assert.ok(it.scene.fog.isFogExp2);
  const sides = ['right', 'left', 'top', 'bottom', 'front', 'back']
    .map((side) => `${side}Url='"${side}.png"'`)
    .join(' ');
  assert.ok(world(`<Background ${sides}/>`).world.scene.background.isCubeTexture);
});

test('cameras look along x since 2022, along -z before', () => {
  const look = (scene, version) => {
    const camera = new THREE.PerspectiveCamera();
    placeCamera(world(scene, version).world, camera);
    return {
      ahead: camera
        .getWorldDirection(new THREE.Vector3())
        .toArray()
        .map((it) => Math.round(it) + 0),
      up: camera.up.toArray(),
      camera,
    };
  };
  const viewpoint = "<Viewpoint position='1 2 3' orientation='0 0 1 0' fieldOfView='1'/>";
  assert.deepEqual(look(viewpoint).ahead, [1, 0, 0]);
  assert.deepEqual(look(viewpoint).up, [0, 0, 1]);
  assert.deepEqual(look(viewpoint, 'R2021b').ahead, [0, 0, -1]);
  assert.deepEqual(look(viewpoint, 'R2021b').up, [0, 1, 0]);
  assert.deepEqual(look(`<WorldInfo coordinateSystem='ENU'/>${viewpoint}`, 'R2021b').up, [0, 0, 1]);
  const { camera } = look(viewpoint);
  fitCamera(camera, 100, 200);
  assert.ok(Math.abs(camera.fov - 57.3) < 0.1, 'of the longer side');
});

test('the stand-in shows the same view in both eras', () => {
  const views = ['legacy', 'modern'].map((era) => {
    const frames = JSON.parse(readFileSync(new URL(`recorded/${era}.json`, import.meta.url)));
    const it = new World('http://h/', () => {}, { Parser: DOMParser, textures: new Pictures() });
    it.load(frames.find((frame) => frame.startsWith('model:')).slice(6));
    assert.deepEqual(it.controllers, ['wander']);
    assert.ok(it.scene.getObjectByName('wanderer'));
    const camera = new THREE.PerspectiveCamera();
    placeCamera(it, camera);
    return [camera.position, camera.getWorldDirection(new THREE.Vector3()), size(it.scene)];
  });
  const [[from, ahead, old], [fromNow, aheadNow, now]] = views;
  assert.ok(from.distanceTo(fromNow) < 1e-6 && ahead.distanceTo(aheadNow) < 1e-3);
  old.forEach((it, at) => assert.ok(Math.abs(it - now[at]) < 0.01));
});

test('controllers that can be edited', () => {
  const robots = ['go', 'void', '<extern>', 'go', '']
    .map((name) => `<Transform controller='${name.replace('<', '&lt;')}'/>`)
    .join('');
  assert.deepEqual(world(robots).world.controllers, ['go']);
});

test('a new world takes the place of the old one', () => {
  const { world: it, textures } = world("<WorldInfo title='A'/><Transform id='n5'/>");
  it.load("<Scene><Transform id='n6'/></Scene>");
  assert.deepEqual([it.get('5'), Boolean(it.get('6')), it.title], [undefined, true, '']);
  it.receiveImage('a.png', 'data:');
  assert.deepEqual(textures.sent, ['a.png']);
});

test('what is no scene, or too much of one, is refused in words', () => {
  assert.throws(() => readDocument('<Scene><a></Scene>', DOMParser), SceneError);
  const deep = `<Scene>${'<Group>'.repeat(300)}${'</Group>'.repeat(300)}</Scene>`;
  assert.throws(() => readDocument(deep, DOMParser), /too deep/);
  const many = `<Scene>${'<Group/>'.repeat(200_001)}</Scene>`;
  assert.throws(() => readDocument(many, DOMParser), /too many/);
});
