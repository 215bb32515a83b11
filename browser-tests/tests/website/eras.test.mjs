// What Webots of other years says, by a Webots of the test's own; and scenes without one.

import assert from 'node:assert/strict';
import {cpSync, mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Browser} from '../../browser.mjs';
import {folder, Server, until} from '../../server.mjs';
import {notBuilt, Visitor, WEBSITE} from '../../website.mjs';

/** A picture of two by two pixels. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR42mO4My3g150FDEAMZAEAPOoIcQK7HN8AAAAASUVORK5CYII=',
  'base64',
);

const OLD = `<?xml version="1.0"?>
<!DOCTYPE X3D PUBLIC "ISO//Web3D//DTD X3D 3.0//EN" "http://www.web3d.org/specifications/x3d-3.0.dtd">
<x3d version="3.0"><head><meta name="generator" content="Webots" /></head>
<Scene>
<WorldInfo id='n1' title='Old'></WorldInfo>
<Viewpoint id='n2' position='0 1 5' orientation='1 0 0 -0.2' fieldOfView='0.8'></Viewpoint>
<Background skyColor='0.6 0.7 0.9'></Background>
<Transform id='n5' translation='0 0 0'><Shape id='n6'><Appearance><Material diffuseColor='1 1 1'></Material>
<ImageTexture url='"textures/wood [1].png"'></ImageTexture></Appearance><Box size='1 1 1'></Box></Shape></Transform>
<Transform id='n7' render='false' translation='-2 0 0'><Shape><Sphere radius='0.5'></Sphere></Shape></Transform>
</Scene></x3d>`;

/** The same, which asks for no picture. */
const PLAIN = OLD.replace(/<ImageTexture.*<\/ImageTexture>/, '');

let browser, site, place;

before(async () => {
  if (notBuilt) return;
  place = folder();
  const pages = join(place.path, 'site');
  cpSync(join(WEBSITE, 'dist'), pages, {recursive: true});
  mkdirSync(join(pages, 'textures'));
  writeFileSync(join(pages, 'textures/wood [1].png'), PICTURE);
  writeFileSync(join(pages, 'old.x3d'), OLD);
  [browser, site] = await Promise.all([
    Browser.start({webgl: true}),
    Server.start('webots-website-host', {
      config: {site: pages, projectsDir: place.path, usersDir: join(place.path, 'users'), key: 'x'},
    }),
  ]);
});

after(async () => {
  await browser?.close();
  await site?.end();
  place?.remove();
});

/** A page whose Webots at `ws://localhost:9/` is `act(socket)`: what it is told is in `heard`. */
async function opened(query, act) {
  const visitor = new Visitor(await browser.page({width: 900, height: 600}), site.url());
  const heard = [];
  let webots;
  await visitor.page.routeWebSocket('ws://localhost:9/', (socket) => {
    webots = socket;
    socket.onMessage((frame) => {
      heard.push(frame);
      act(socket, frame);
    });
  });
  await visitor.watched.open(
    site.url(`/simulation.html?url=${encodeURIComponent('ws://localhost:9')}&${query}`),
  );
  await until('the page to ask Webots', () => webots);
  const say = (...frames) => frames.forEach((frame) => webots.send(frame));
  return {visitor, page: visitor.page, heard, say};
}

const look = (page, id) =>
  page.evaluate((id) => {
    const object = globalThis.view.world.get(id);
    return (
      object && {
        at: object.position.toArray(),
        visible: object.visible,
        picture: object.material?.map?.image?.width,
      }
    );
  }, id);

test('a broadcast of 2018: textures as data, labels, nodes that come and go', {skip: notBuilt}, async () => {
  const {visitor, page, heard, say} = await opened('broadcast', (socket, frame) => {
    if (!frame.startsWith('x3d')) return;
    socket.send(`image[textures/wood [1\\].png]:data:image/png;base64,${PICTURE.toString('base64')}`);
    socket.send(`model:${OLD}`);
    socket.send('application/json:{"time":0}');
    socket.send('label:1;Lucida Console;rgba(255,0,0,1);0.1;0.1;0.1;a <b>; c');
    socket.send('scene load completed');
  });
  await page.locator('.webots-overlay').waitFor({state: 'hidden'});
  await until('the texture', async () => (await look(page, '6')).picture === 2);
  await page.getByText('a <b>; c').waitFor();
  assert.equal((await look(page, '7')).visible, false);
  say(
    'visibility:7:1',
    "node:0:<Transform id='n9' translation='1 2 3'></Transform>",
    'application/json:{"time":64,"poses":[{"id":5,"translation":"3 0 0"}]}',
  );
  await until('the move', async () => (await look(page, '5')).at[0] === 3);
  assert.equal((await look(page, '7')).visible, true);
  assert.deepEqual((await look(page, '9')).at, [1, 2, 3]);
  say('delete:9', 'stdout:hello\nagain');
  await until('the end of a node', async () => (await look(page, '9')) === undefined);
  await visitor.press('Console');
  await page.getByRole('log').getByText('again').waitFor();
  assert.equal(await visitor.time(), 64);
  await visitor.screenshot('broadcast');
  assert.ok(await visitor.button('Run').isDisabled());
  assert.deepEqual(heard, ['x3d;broadcast']);
  await visitor.watched.close();
});

test('pictures, with the mouse over them', {skip: notBuilt}, async () => {
  const parts = Buffer.concat([
    Buffer.from(`--WebotsFrame\r\nContent-Type: image/png\r\nContent-Length: ${PICTURE.length}\r\n\r\n`),
    PICTURE,
    Buffer.from('\r\n--WebotsFrame\r\n'),
  ]);
  const {visitor, page, heard, say} = await opened('mode=mjpeg', () => {});
  await page.route('http://localhost:9/mjpeg', (route) =>
    route.fulfill({
      contentType: 'multipart/x-mixed-replace; boundary=WebotsFrame',
      body: parts,
    }),
  );
  await until('the greeting', () => heard.some((frame) => /^mjpeg: 900x\d+$/.test(frame)));
  say(
    'multimedia: /mjpeg pause ',
    'pause: 0',
    'world info: {"title":"P","window":""}',
    'world:worlds/p.wbt:worlds/p.wbt',
    'scene load completed',
  );
  await page.locator('.webots-overlay').waitFor({state: 'hidden'});
  const image = page.getByAltText('The world');
  await until('the picture', () => image.evaluate((it) => it.naturalWidth === 2));
  await until('its size', () => heard.some((frame) => /^resize: 900x\d+$/.test(frame)));
  say('time: 128');
  await until('the time', async () => (await visitor.time()) === 128);
  heard.length = 0;
  await page.mouse.move(300, 200);
  await page.mouse.down();
  await page.mouse.move(310, 220);
  await page.mouse.up();
  await page.mouse.wheel(0, 120);
  await until('the mouse', () => heard.length >= 4);
  const {y} = await image.boundingBox();
  const [down, up] = [200 - y, 220 - y].map(Math.round);
  assert.deepEqual(heard, [
    `mouse -1 0 1 300 ${down} 0 0`,
    `mouse 0 0 1 310 ${up} 0 0`,
    `mouse 1 0 0 310 ${up} 0 0`,
    `mouse 2 0 0 310 ${up} 0 1`,
  ]);
  await visitor.press('Run');
  await until('the run', () => heard.includes('real-time:600000'));
  await visitor.watched.close();
});

test('a scene that cannot be read is said, a piece of one is left out', {skip: notBuilt}, async () => {
  const {visitor, page, say} = await opened('broadcast', (socket, frame) => {
    if (frame.startsWith('x3d')) [`model:${PLAIN}`, 'scene load completed'].forEach((it) => socket.send(it));
  });
  await page.locator('.webots-overlay').waitFor({state: 'hidden'});
  say('node:0:<Transform', 'node:0:<Transform id="n9"/>');
  await until('the next piece', () => look(page, '9'));
  await visitor.press('Console');
  await page.getByRole('log').getByText('cannot be read').waitFor();
  say('model:<Scene><Transform></Scene>');
  await page.locator('.webots-overlay').getByText('The scene cannot be read').waitFor();
  await visitor.watched.close();
});

test('a scene in a file, without a simulation', {skip: notBuilt}, async () => {
  const visitor = new Visitor(await browser.page({width: 900, height: 600}), site.url());
  await visitor.watched.open(site.url('/simulation.html?url=old.x3d'));
  await until('the texture', () =>
    visitor.page.evaluate(() => globalThis.view?.world?.get('6')?.material.map?.image.width === 2),
  );
  assert.equal(await visitor.page.title(), 'Old');
  assert.ok(await visitor.button('Run').isDisabled());
  await visitor.screenshot('scene');
  await visitor.watched.close();
});

test('what is no address is said', {skip: notBuilt}, async () => {
  const visitor = new Visitor(await browser.page(), site.url());
  await visitor.watched.open(site.url('/simulation.html?url=javascript:alert(1)'));
  await visitor.page.getByText('begins with neither ws').waitFor();
  await visitor.watched.close();
});
