// What a person sees when something goes wrong, and how it goes on.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Browser} from '../../browser.mjs';
import {Cloud} from '../../cloud.mjs';
import {until} from '../../server.mjs';
import {Demo, notBuilt, Visitor} from '../../website.mjs';

let browser;

before(async () => {
  if (!notBuilt) browser = await Browser.start({webgl: true});
});

after(() => browser?.close());

/** Runs a test with a demo or cloud, which ends with it. */
async function using(starting, act) {
  const servers = await starting;
  try {
    await act(servers);
  } finally {
    await servers.end();
  }
}

test('a start that fails says why', {skip: notBuilt}, () =>
  using(Demo.start({projects: {broken: {'standin-fault': 'die-at-start'}}}), async (demo) => {
    const visitor = new Visitor(await browser.page(), demo.site);
    const {page} = visitor;
    await visitor.arrive();
    await page.getByRole('button', {name: 'Start broken: simple'}).click();
    const why = page.locator('.webots-overlay[data-state=ended]');
    await why.waitFor();
    assert.match(
      await why.locator('.webots-stage-text').textContent(),
      /ended before it was ready .*asked to die/,
    );
    await until('a free place', async () => (await demo.simulations()) === 0);
    await page.getByText('There is room').waitFor();
    await visitor.screenshot('failed-start');
    // It fails again, and can be left.
    await visitor.press('Try again');
    await page.locator('.webots-overlay[data-state=progress]').waitFor();
    await why.waitFor();
    await visitor.press('Leave');
    await page.getByText('Choose a robot').waitFor();
    await visitor.watched.close();
  }),
);

test('a project that is not there is refused, and not tried again', {skip: notBuilt}, () =>
  using(Demo.start(), async (demo) => {
    const visitor = new Visitor(await browser.page(), demo.site);
    await visitor.watched.open(`${demo.site}simulation.html?project=nothing&world=simple.wbt`);
    await visitor.page.locator('.webots-overlay[data-state=ended]').waitFor();
    assert.equal(await visitor.button('Try again').count(), 0);
    await visitor.watched.close();
  }),
);

test(
  'a lost connection is said, and what was written goes to the next instance',
  {skip: notBuilt},
  async () => {
    const first = await Demo.start();
    let second;
    try {
      const visitor = new Visitor(await browser.page(), first.site);
      const {page} = visitor;
      await visitor.arrive();
      await visitor.start('An arena');
      await visitor.press('Run');
      await visitor.seesMove('wanderer');
      await visitor.press('Edit the controllers');
      await visitor.write("print('written before')\n");
      await first.kill();
      await page.getByText('connection').waitFor();
      await page.getByText('The session server does not answer').waitFor();
      assert.ok(await visitor.button('Try again').isDisabled());
      await visitor.screenshot('lost');
      // That the servers do not answer is what the browser complains of.
      visitor.watched.errors = visitor.watched.errors.filter(
        (error) => !/WebSocket connection to .* failed/.test(error),
      );
      second = await Demo.start({ports: first.ports});
      await visitor.button('Try again').and(page.locator(':enabled')).waitFor();
      await visitor.press('Try again');
      await visitor.worldIsThere();
      await page.locator('.cm-content').getByText('written before').waitFor();
      await visitor.press('Console');
      await visitor.press('Reset');
      await page.getByRole('log').getByText('written before').waitFor();
      await visitor.press('Quit');
      await visitor.press('Quit anyway');
      await page.getByText('Choose a robot').waitFor();
      visitor.watched.errors = visitor.watched.errors.filter(
        (error) => !/WebSocket connection to .* failed/.test(error),
      );
      await visitor.watched.close();
    } finally {
      await first.end();
      await second?.end();
    }
  },
);

test('no free place, and then one', {skip: notBuilt}, () =>
  using(Cloud.start(), async (cloud) => {
    cloud.door.load = 100;
    const visitor = new Visitor(await browser.page(), cloud.site);
    const {page} = visitor;
    await visitor.watched.open(cloud.site);
    await page.getByText('All places are taken').waitFor();
    assert.ok(await visitor.button('Start An arena').isDisabled());
    await visitor.screenshot('full');
    cloud.door.load = 0;
    await page.getByText('There is room').waitFor();

    // A link leads to a simulation when there is no room.
    cloud.door.load = 100;
    await page.getByText('All places are taken').waitFor();
    await visitor.watched.open(`${cloud.site}simulation.html?project=simple&world=simple.wbt`);
    await page.getByText('No simulation server available').waitFor();
    await page.getByText('All places are taken: this page waits').waitFor();
    assert.ok(await visitor.button('Try again').isDisabled());
    await visitor.screenshot('no-place');
    cloud.door.load = 0;
    await visitor.press('Try again');
    await visitor.worldIsThere();
    await visitor.watched.close();
  }),
);

test('the last place is taken: who comes too late is told so', {skip: notBuilt}, () =>
  using(Cloud.start({simulation: {maxConnections: 1}}), async (cloud) => {
    const [one, other] = [
      new Visitor(await browser.page(), cloud.site),
      new Visitor(await browser.page(), cloud.site),
    ];
    await one.arrive();
    await one.start('An arena');
    await other.arrive();
    await other.press('Start An arena');
    const why = other.page.locator('.webots-overlay[data-state=ended] .webots-stage-text');
    await why.waitFor();
    assert.match(await why.textContent(), /in use; please try again later/);
    await one.press('Quit');
    await one.page.getByText('Choose a robot').waitFor();
    await until('the other to get the place', async () => {
      await other.button('Try again').and(other.page.locator(':enabled')).click();
      await other.page.locator('.webots-overlay[data-state=progress]').waitFor({state: 'hidden'});
      return other.page.locator('.webots-overlay').isHidden();
    });
    await one.watched.close();
    await other.watched.close();
  }),
);

test(
  'a world at an address, in the dialect of today: its stages in words, and a countdown',
  {skip: notBuilt},
  () =>
    using(Cloud.start({simulation: {webotsVersion: 'R2023b', timeout: 100}}), async (cloud) => {
      const visitor = new Visitor(await browser.page(), cloud.site);
      const {page} = visitor;
      const session = `http://localhost:${cloud.session.port}/session?url=file://${cloud.projects}/football/worlds/football.wbt`;
      const stages = [];
      await page.exposeFunction('stage', (text) => stages.push(text));
      await page.addInitScript(() => {
        new MutationObserver(() =>
          globalThis.stage(document.querySelector('.webots-stage-text')?.textContent ?? ''),
        ).observe(document, {subtree: true, childList: true, characterData: true});
      });
      await visitor.watched.open(`${cloud.site}simulation.html?url=${encodeURIComponent(session)}`);
      await visitor.worldIsThere();
      for (const stage of ['Asking for a place', 'Preparing the project', 'Loading the world']) {
        assert.ok(
          stages.some((text) => text.startsWith(stage)),
          `${stage} in ${[...new Set(stages)]}`,
        );
      }
      await page
        .getByRole('timer')
        .getByText(/^ends in 1:\d\d$/)
        .waitFor();
      await visitor.press('Run');
      await visitor.seesMove('ball');
      await page.locator('.webots-labels').getByText('red 0 : 0 blue').waitFor();
      assert.equal(
        await visitor.button('Edit the controllers').isVisible(),
        false,
        'this Webots shows no controllers',
      );
      await visitor.screenshot('football');
      await visitor.watched.close();
    }),
);

test('an instance that dies is not waited for', {skip: notBuilt}, () =>
  using(Cloud.start(), async (cloud) => {
    const visitor = new Visitor(await browser.page(), cloud.site);
    await visitor.arrive();
    await visitor.start('An arena');
    cloud.door.breakAll();
    await visitor.page.getByText('The connection to the simulation server was lost.').waitFor();
    await visitor.page.getByText('There is room').waitFor();
    await visitor.press('Try again');
    await visitor.worldIsThere();
    await visitor.watched.close();
  }),
);
