// Two people, small screens, no mouse.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Browser} from '../../browser.mjs';
import {until} from '../../server.mjs';
import {Demo, far, notBuilt, Visitor} from '../../website.mjs';

let browser, demo;

before(async () => {
  if (notBuilt) return;
  [browser, demo] = await Promise.all([Browser.start({webgl: true}), Demo.start()]);
});

after(async () => {
  await browser?.close();
  await demo?.end();
});

test('two users side by side do not see each other', {skip: notBuilt}, async () => {
  const [ann, bob] = [
    new Visitor(await browser.page(), demo.site),
    new Visitor(await browser.page(), demo.site),
  ];
  for (const visitor of [ann, bob]) {
    await visitor.arrive();
    await visitor.start('An arena');
    await visitor.press('Console');
  }
  assert.equal(await demo.simulations(), 2);
  const before = await bob.pose('wanderer');
  await ann.page.bringToFront();
  await ann.press('Run');
  await ann.seesMove('wanderer');
  await ann.press('Edit the controllers');
  await ann.write("print('only for ann')\n");
  await ann.press('Save');
  await ann.press('Reset');
  await ann.page.getByRole('log').getByText('only for ann').waitFor();

  await bob.page.bringToFront();
  assert.equal(await bob.time(), 0);
  assert.deepEqual(await bob.pose('wanderer'), before);
  await bob.press('Reset');
  await until(
    'the robot of bob to start again',
    async () => (await bob.page.getByRole('log').getByText('wanderer starts').count()) === 2,
  );
  assert.equal(await bob.page.getByRole('log').getByText('only for ann').count(), 0);
  await bob.press('Edit the controllers');
  await bob.page.locator('.cm-content').getByText('Drives ahead').waitFor();

  // One leaves, the other goes on.
  await ann.page.bringToFront();
  await ann.press('Quit');
  await ann.press('Quit anyway');
  await ann.page.getByText('Choose a robot').waitFor();
  await until('one simulation to be left', async () => (await demo.simulations()) === 1);
  await bob.page.bringToFront();
  await bob.press('Run');
  await bob.seesMove('wanderer');
  await ann.watched.close();
  await bob.watched.close();
});

test('on a phone everything is in reach', {skip: notBuilt}, async () => {
  const visitor = new Visitor(await browser.page({width: 375, height: 667}), demo.site);
  const {page} = visitor;
  await visitor.arrive();
  await visitor.screenshot('phone-worlds');
  await visitor.start('Football');
  for (const name of ['Run', 'Pause', 'Step', 'Reset', 'Console', 'Edit the controllers', 'Help', 'Quit']) {
    const {x, y, width, height} = await visitor.button(name).boundingBox();
    assert.ok(x >= 0 && y >= 0 && x + width <= 375 && y + height <= 667, `${name} is on the screen`);
    assert.ok(width >= 32 && height >= 32, `${name} is large enough for a finger`);
  }
  assert.equal(
    await page.evaluate(() => document.documentElement.scrollWidth),
    375,
    'nothing is wider than the screen',
  );
  await visitor.press('Run');
  await visitor.seesMove('ball');
  await visitor.screenshot('phone');
  await visitor.press('Edit the controllers');
  await page.locator('.cm-content').waitFor();
  await visitor.screenshot('phone-editor');
  await visitor.press('Close the editor');
  await visitor.press('Quit');
  await page.getByText('Choose a robot').waitFor();
  await visitor.watched.close();
});

test('without a mouse', {skip: notBuilt}, async () => {
  const visitor = new Visitor(await browser.page(), demo.site);
  const {page} = visitor;
  const {keyboard} = page;
  await visitor.arrive();
  /** Goes with the tab key to what has this name. */
  const tabTo = (name) =>
    until(`the focus on ${name}`, async () => {
      const focused = await page.evaluate(
        () => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent,
      );
      if (focused === name) return true;
      await keyboard.press('Tab');
    });
  await tabTo('Start An arena');
  await keyboard.press('Enter');
  await visitor.worldIsThere();

  // The world has the focus: Space runs it, and the arrows look around.
  await keyboard.press('Space');
  await visitor.seesMove('wanderer');
  await keyboard.press('Space');
  await page.locator('.webots-do-pause[aria-pressed=true]').waitFor();
  const paused = await visitor.settled();
  await keyboard.press('.');
  await until('a step', async () => (await visitor.time()) > paused);
  const {drawn} = await page.evaluate(() => view.figures);
  await keyboard.press('ArrowLeft');
  await until('another view', async () => (await page.evaluate(() => view.figures)).drawn > drawn);

  await keyboard.press('c');
  await page.getByRole('log').getByText('wanderer starts').waitFor();
  await keyboard.press('Shift+?');
  await page.getByRole('dialog').getByText('back to the first view').waitFor();
  await visitor.screenshot('help');
  await keyboard.press('Escape');
  await keyboard.press('r');
  await until('the start', async () => (await visitor.time()) === 0);
  const start = await visitor.pose('wanderer');
  assert.ok(far(start.at, [0, 0, 0]) < 0.01);
  await tabTo('Quit');
  await keyboard.press('Enter');
  await page.getByText('Choose a robot').waitFor();
  await visitor.watched.close();
});

test('every control has a name', {skip: notBuilt}, async () => {
  const visitor = new Visitor(await browser.page({dark: true}), demo.site);
  const {page} = visitor;
  await visitor.arrive();
  await visitor.screenshot('worlds-dark');
  await visitor.start('An arena');
  await visitor.press('Console');
  await visitor.press('Edit the controllers');
  await page.locator('.cm-content').waitFor();
  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, select, input, a, [role=textbox], canvas')]
      .filter(
        (it) =>
          it.checkVisibility() &&
          !(it.getAttribute('aria-label') || it.textContent.trim() || it.labels?.length),
      )
      .map((it) => it.outerHTML),
  );
  assert.deepEqual(nameless, []);
  await visitor.watched.close();
});
