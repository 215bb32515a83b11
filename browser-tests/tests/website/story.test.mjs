// The sequence diagram of the specification, by clicking.

import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import {after, afterEach, before, test} from 'node:test';
import {Browser} from '../../browser.mjs';
import {until} from '../../server.mjs';
import {Demo, far, notBuilt, Visitor} from '../../website.mjs';

let browser, demo;

before(async () => {
  if (notBuilt) return;
  [browser, demo] = await Promise.all([Browser.start({webgl: true}), Demo.start()]);
});

// What one test leaves behind is not the next one's.
afterEach(async () => {
  for (const page of browser?.context.pages() ?? []) await page.close();
});

after(async () => {
  await browser?.close();
  await demo?.end();
});

/** Turns on the spot, and says so. */
const SPINNER = `from controller import Robot
robot = Robot()
step = int(robot.getBasicTimeStep())
motors = [robot.getDevice(name) for name in ('left wheel motor', 'right wheel motor')]
for motor, speed in zip(motors, (-3.0, 3.0)):
    motor.setPosition(float('inf'))
    motor.setVelocity(speed)
print('the changed controller runs')
while robot.step(step) != -1:
    pass
`;

async function gone() {
  await until(
    'the instance to be gone',
    async () => (await demo.simulations()) === 0 && demo.workspaces().length === 0,
  );
}

test('a user starts, runs, steps, edits, saves, resets, sees it, and quits', {skip: notBuilt}, async () => {
  const watched = await browser.page();
  const student = new Visitor(watched, demo.site);
  const {page} = student;
  await student.arrive();
  await student.screenshot('worlds');

  await student.press('Log in');
  await page.getByLabel('Email').fill('student@example.org');
  await page.getByLabel('Password').fill('wrong');
  const login = page.getByRole('dialog').getByRole('button', {name: 'Log in'});
  await login.click();
  await page.getByText('Wrong email or password').waitFor();
  await student.screenshot('login');
  await page.getByLabel('Password').fill('demo');
  await login.click();
  await page.getByText('Log out').waitFor();
  await page.getByText('There is room').waitFor();

  await student.start('An arena');
  assert.equal(await demo.simulations(), 1);
  assert.equal(await student.time(), 0);
  await student.screenshot('started');
  await student.press('Run');
  await student.seesMove('wanderer');
  await student.screenshot('runs');

  await student.press('Pause');
  await page.locator('.webots-do-pause[aria-pressed=true]').waitFor();
  // Updates are fewer than steps, so that the very last time before a pause may not have been told.
  await student.press('Step');
  const stepped = await student.settled();
  await student.press('Step');
  await until('one step', async () => (await student.time()) === stepped + 32);

  await student.press('Edit the controllers');
  await page.locator('.cm-content').getByText('Drives ahead').waitFor();
  await student.write(SPINNER);
  await page.getByRole('combobox', {name: 'File'}).getByText('wander.py •').waitFor({state: 'attached'});
  await student.press('Save');
  await page.getByText('Saved. The robot has it after a reset.').waitFor();
  assert.equal(readFileSync(demo.kept('simple/controllers/wander/wander.py'), 'utf8'), SPINNER);

  await student.press('Console');
  await student.press('Reset');
  await page.getByRole('log').getByText('the changed controller runs').waitFor();
  await until('time 0', async () => (await student.time()) === 0);
  const start = await student.pose('wanderer');
  await student.press('Run');
  const spun = await until('a turn on the spot', async () => {
    const now = await student.pose('wanderer');
    return far(now.turned, start.turned) > 0.3 && now;
  });
  assert.ok(far(spun.at, start.at) < 0.01, 'it stays where it is');
  await student.screenshot('edited');

  await student.press('Quit');
  await page.getByText('Choose a robot').waitFor();
  await gone();

  // The website has kept it for the next time, which gives the original back when it is asked to.
  await student.start('An arena');
  await student.press('Console');
  await page.getByRole('log').getByText('the changed controller runs').waitFor();
  await student.press('Edit the controllers');
  await student.press('Original');
  await student.press('Replace it');
  await page.locator('.cm-content').getByText('Drives ahead').waitFor();
  await student.press('Save');
  await student.press('Reset');
  await page.getByRole('log').getByText('wanderer starts').waitFor();
  await student.press('Run');
  await student.seesMove('wanderer');
  await student.write(SPINNER);
  await student.press('Quit');
  await student.press('Save and quit');
  await page.getByText('Choose a robot').waitFor();
  assert.equal(readFileSync(demo.kept('simple/controllers/wander/wander.py'), 'utf8'), SPINNER);
  await gone();
  await watched.close();
});

test('who is not logged in is asked before a change is lost', {skip: notBuilt}, async () => {
  const watched = await browser.page();
  const visitor = new Visitor(watched, demo.site);
  const {page} = visitor;
  await page.context().clearCookies();
  await visitor.arrive();
  await visitor.start('An arena');
  await visitor.press('Edit the controllers');
  await visitor.write(SPINNER);
  // Before the first step a saved file is the robot's at once.
  await visitor.press('Save');
  await page.getByText('Saved. The robot has it.').waitFor();
  await visitor.press('Console');
  await page.getByRole('log').getByText('the changed controller runs').waitFor();

  await visitor.press('Quit');
  await page.getByRole('dialog').getByText('wander/wander.py').waitFor();
  await visitor.screenshot('unsaved');
  await visitor.press('Stay');
  let asked;
  page.on('dialog', (dialog) => {
    asked = dialog.type();
    dialog.dismiss();
  });
  await page.close({runBeforeUnload: true});
  await until('the browser to ask', () => asked === 'beforeunload');
  await visitor.press('Quit');
  await visitor.press('Quit anyway');
  await page.getByText('Choose a robot').waitFor();
  await gone();
  await watched.close();
});

test('whoever closes the page has ended the simulation', {skip: notBuilt}, async () => {
  const watched = await browser.page();
  const visitor = new Visitor(watched, demo.site);
  await visitor.arrive();
  await visitor.start('A maze');
  assert.equal(await demo.simulations(), 1);
  await watched.close();
  await gone();
});

test('the page for the operator leads to the monitor pages', {skip: notBuilt}, async () => {
  const watched = await browser.page();
  const {page} = watched;
  await watched.open(`${demo.site}operator.html`);
  await page.getByText('There is room').waitFor();
  await new Visitor(watched).screenshot('operator');
  for (const [name, title] of [
    ['Session server', /session server/i],
    ['Simulation server', /simulation server/i],
  ]) {
    await watched.open(`${demo.site}operator.html`);
    await page.getByRole('navigation', {name}).getByRole('link', {name: 'Monitor'}).click();
    await until(
      `the monitor of the ${name}`,
      async () => title.test(await page.title()) && page.url().endsWith('/monitor'),
    );
  }
  await watched.close();
});
