// The demo with a project of one's own, and on a machine without npm.

import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {after, before, test} from 'node:test';
import {Browser} from '../../browser.mjs';
import {folder, until} from '../../server.mjs';
import {Demo, notBuilt, Visitor} from '../../website.mjs';

/** A picture of two by two pixels. */
const PICTURE = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR42mO4My3g150FDEAMZAEAPOoIcQK7HN8AAAAASUVORK5CYII=',
  'base64',
);

const OTHER = `#VRML_SIM R2023b utf8
WorldInfo { title "Another world" }
Viewpoint { position -3 0 0.4 }
Background { skyColor [ 0.6 0.7 0.9 ] }
DirectionalLight { direction 1 0.5 -1 }
Solid { translation 0 1.2 0 name "shining" children [ Shape { appearance PBRAppearance { metalness 1 roughness 0.2 } geometry Sphere { radius 0.5 } } ] }
Solid { name "painted" children [ Shape { appearance PBRAppearance { baseColorMap ImageTexture { url "textures/wood.png" } metalness 0 } geometry Box { size 1 1 1 } } ] }
`;

let browser;

before(async () => {
  if (!notBuilt) browser = await Browser.start({webgl: true});
});

after(() => browser?.close());

test('worlds of a project, textures from the instance, reload, full screen', {skip: notBuilt}, async () => {
  const demo = await Demo.start({
    projects: {two: {'worlds/other.wbt': OTHER, 'worlds/textures/wood.png': PICTURE}},
  });
  try {
    const visitor = new Visitor(await browser.page(), demo.site);
    const {page} = visitor;
    await visitor.arrive();
    await visitor.start('two: simple');
    await visitor.press('Run');
    await visitor.seesMove('wanderer');

    await page.getByRole('combobox', {name: 'World'}).selectOption('other');
    await until('the other world', () =>
      page.evaluate(() => globalThis.view.world.title === 'Another world'),
    );
    await visitor.worldIsThere();
    assert.equal(await visitor.time(), 0);
    await until('its texture', () =>
      page.evaluate(() => {
        const [shape] = globalThis.view.world.scene.getObjectByName('painted').children;
        return shape.material.map?.image.width === 2;
      }),
    );
    await visitor.screenshot('other-world');
    await page.getByRole('combobox', {name: 'World'}).selectOption('simple');
    await until('the first world', () =>
      page.evaluate(() => Boolean(globalThis.view.world.scene.getObjectByName('wanderer'))),
    );
    await visitor.worldIsThere();
    await visitor.press('Run');
    await visitor.seesMove('wanderer');
    await visitor.press('Reload the world');
    await until('the start', async () => (await visitor.time()) === 0);
    await visitor.worldIsThere();

    await visitor.press('Full screen');
    await until('the full screen', () => page.evaluate(() => document.fullscreenElement?.id === 'view'));
    await visitor.press('Full screen');
    await until('the page again', () => page.evaluate(() => !document.fullscreenElement));
    await visitor.press('Quit');
    await page.getByText('Choose a robot').waitFor();
    await visitor.watched.close();
  } finally {
    await demo.end();
  }
});

test(
  'without npm the demo says what to install, and its plain page drives a session',
  {skip: notBuilt},
  async () => {
    const place = folder();
    const [website, programs] = ['website', 'programs'].map((name) => join(place.path, name));
    for (const path of [website, programs]) mkdirSync(path);
    writeFileSync(join(website, 'package.json'), '{}');
    const demo = await Demo.start({website, env: {PATH: programs}});
    try {
      assert.match(demo.said, /without 3D.*npm is missing: install Node\.js.*apt-get install nodejs npm/);
      const watched = await browser.page();
      const {page} = watched;
      await watched.open(demo.site);
      await page.getByText('There is room').waitFor();
      await page.getByRole('combobox', {name: 'World'}).selectOption({label: 'simple: simple.wbt'});
      await page.getByRole('button', {name: 'Start'}).click();
      await page.getByRole('button', {name: 'Run'}).click();
      await until('time to pass', async () => parseFloat(await page.locator('#time').textContent()) > 0.3);
      await page.getByRole('button', {name: 'Quit'}).click();
      await until('the instance to be gone', async () => (await demo.simulations()) === 0);
      await watched.screenshot('website-plain');
      await watched.close();
    } finally {
      await demo.end();
      place.remove();
    }
  },
);

test('what cannot be installed is said too', {skip: notBuilt}, async () => {
  const place = folder();
  const programs = join(place.path, 'programs');
  mkdirSync(programs);
  writeFileSync(join(programs, 'npm'), '#!/bin/sh\necho "the disk is full" >&2\nexit 1\n', {mode: 0o755});
  writeFileSync(join(place.path, 'package.json'), '{}');
  const demo = await Demo.start({website: place.path, env: {PATH: programs}});
  await demo.end();
  place.remove();
  assert.match(demo.said, /`npm ci` failed: the disk is full/);
});
