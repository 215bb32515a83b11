// The monitor page of a simulation server, in a browser.

import assert from 'node:assert/strict';
import {after, before, test} from 'node:test';
import {Browser} from '../browser.mjs';
import {until} from '../server.mjs';
import {play, startSimulations} from '../simulations.mjs';

/** Markup, an attribute's end, a script: as the name of a project's folder. */
const HOSTILE = '"><img src=x onerror=alert(1)><script>alert(2)&amp;';
const COUNT = 100;

let browser, simulations, clients;

before(async () => {
  browser = await Browser.start();
  simulations = await startSimulations({
    slots: COUNT + 5,
    projects: ['empty', HOSTILE],
    config: {title: `Class <b>${HOSTILE}`, description: '<i>described</i> & "quoted"'},
  });
  clients = await play(browser, simulations, [HOSTILE, ...Array(COUNT - 1).fill('empty')]);
});

after(async () => {
  await clients?.close();
  await browser?.close();
  await simulations?.end();
});

/**
 * Opens the monitor page. With `history`, ten minutes of figures are in its graphs; with `clock`, its
 * time can be put forward.
 */
async function open({history = false, clock = false, ...options} = {}) {
  const watched = await browser.page(options);
  watched.page.on('dialog', (dialog) => watched.errors.push(dialog.message()));
  if (history) await withHistory(watched.page);
  if (clock) await watched.page.clock.install();
  const response = await watched.open(simulations.server.url('/monitor'));
  return {watched, page: watched.page, response};
}

const rows = (page) => page.locator('.simulations tbody tr:visible');

/** Ten minutes of figures in the place of the server's few seconds. */
async function withHistory(page) {
  await page.route('**/monitor.json*', async (route) => {
    const update = await (await route.fetch()).json();
    const wave = (at, period, height) => height * (1 + Math.sin(at / period)) / 2;
    const row = (_, second) => [
      second * 1000,
      wave(second, 90, 80),
      [
        Math.round(wave(second, 70, 60)), Math.round(wave(second, 120, 40)), wave(second, 90, 80),
        40 + wave(second, 200, 20), wave(second, 50, 90), wave(second, 60, 30),
        wave(second, 300, 50), 3, 49.1, wave(second, 30, 7), wave(second, 40, 2),
      ],
    ];
    const fresh = route.request().url().endsWith('after=');
    update.uptime = 600_000;
    update.rows = fresh ? Array.from({length: 600}, row) : [];
    await route.fulfill({json: update});
  });
}

test('a hundred simulations with what each of them uses', async () => {
  const {watched, page} = await open();
  assert.equal(await rows(page).count(), COUNT);
  assert.match(await page.locator('main').innerText(), new RegExp(`${COUNT} of ${COUNT + 5}`));
  // The server looks at processes every five seconds; the page shows it by itself.
  await page.locator('.simulations tbody tr:first-child td:nth-child(7)', {hasText: 'MiB'}).waitFor();
  const text = await rows(page).nth(1).innerText();
  assert.match(text, /^empty\tempty\.wbt\trunning\tidle\t\d+ (s|min)\t\d+%\t\d+ MiB\t–\t\d+$/m);
  await watched.screenshot('simulations-100');
  await watched.close();
});

test('what strangers wrote is text', async () => {
  const {watched, page, response} = await open();
  const policy = response.headers()['content-security-policy'];
  assert.match(policy, /^default-src 'none'/);
  assert.doesNotMatch(policy, /unsafe|\*/);
  await until('an update', () => page.evaluate(() => document.querySelector('.plot path')));
  assert.equal(await page.locator('main img, main script, main i').count(), 0);
  assert.equal(await page.locator('h1').innerText(), `Class <b>${HOSTILE}`);
  const row = rows(page).filter({hasText: 'onerror'});
  assert.equal(await row.locator('td').first().innerText(), HOSTILE);
  await watched.close();
});

test('a list is filtered and sorted, and stays so', async () => {
  const {watched, page} = await open();
  await page.getByLabel('Filter the simulations').fill('onerror');
  assert.equal(await rows(page).count(), 1);
  const updated = page.waitForResponse('**/monitor.json*');
  await updated;
  await page.evaluate(() => new Promise(requestAnimationFrame));
  assert.equal(await rows(page).count(), 1);
  await page.getByLabel('Filter the simulations').fill('');
  const port = page.getByRole('button', {name: 'port'});
  const ports = async () => (await page.locator('.simulations td:last-child').allInnerTexts()).map(Number);
  await port.click();
  assert.deepEqual(await ports(), (await ports()).toSorted((a, b) => b - a));
  await port.press('Enter');
  assert.deepEqual(await ports(), (await ports()).toSorted((a, b) => a - b));
  const sorted = page.locator('th[aria-sort=ascending]');
  assert.deepEqual(await sorted.allInnerTexts(), ['port']);
  await watched.close();
});

test('all columns of monitor.csv are drawn, with values under the pointer and by keys', async () => {
  const {watched, page} = await open({history: true});
  await page.locator('.plot path[d^=M]').first().waitFor();
  const legend = page.locator('.legend button');
  const names = (await legend.allInnerTexts()).map((text) => text.replace(/ [\d.]+(%| MB\/s)?$/, ''));
  assert.deepEqual(names, [
    'Load', 'CPU load', 'CPU memory', 'Swap', 'Disk', 'GPU load compute', 'GPU load memory',
    'GPU memory', 'Webots running', 'Webots idle', 'Network sent', 'Network received',
  ]);
  const lengths = await page.locator('.plot path').evaluateAll((paths) =>
    paths.map((path) => path.getAttribute('d').split('L').length));
  assert.deepEqual(lengths, Array(12).fill(600));

  // Under the pointer, in all graphs at once.
  const times = page.locator('figure output');
  assert.deepEqual(await times.allInnerTexts(), Array(5).fill('now'));
  const plot = page.locator('.plot').first();
  await plot.hover({position: {x: 300, y: 60}});
  const [pointed, ...others] = await times.allInnerTexts();
  assert.match(pointed, /^\d:\d\d min ago$/);
  assert.deepEqual(others, Array(4).fill(pointed));
  assert.equal(await page.locator('.cross').count(), 5);
  await watched.screenshot('simulations-graphs');
  await page.mouse.move(0, 0);
  assert.deepEqual(await times.allInnerTexts(), Array(5).fill('now'));

  // By keys.
  await plot.focus();
  await page.keyboard.press('PageUp');
  assert.equal(await times.first().innerText(), '1:00 min ago');
  await page.keyboard.press('ArrowRight');
  assert.equal(await times.first().innerText(), '0:55 min ago');
  assert.match(await plot.getAttribute('aria-label'), /^Load and processor, 0:55 min ago: Load [\d.]+%, CPU load/);
  await page.keyboard.press('Home');
  assert.equal(await times.first().innerText(), '9:59 min ago');
  await page.keyboard.press('Escape');
  assert.equal(await page.locator('.cross').count(), 0);

  // A series that nobody wants to see.
  const disk = legend.filter({hasText: 'Disk'});
  await disk.focus();
  await page.keyboard.press('Space');
  assert.equal(await disk.getAttribute('aria-pressed'), 'false');
  assert.equal(await page.locator('.plot path').count(), 11);
  await watched.close();
});

for (const dark of [false, true]) {
  test(`it is readable on a phone, ${dark ? 'dark' : 'light'}`, async () => {
    const {watched, page} = await open({width: 390, height: 844, dark, history: true});
    await page.locator('.plot path[d^=M]').first().waitFor();
    const width = () => page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(await width(), 390, 'nothing sticks out');
    const back = await page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const brightness = Math.max(...back.match(/\d+/g).map(Number));
    assert.equal(brightness < 100, dark, back);
    await page.getByLabel('Filter the simulations').fill('onerror');
    await watched.screenshot(`simulations-phone-${dark ? 'dark' : 'light'}`);
    await watched.close();
  });
}

test('without a script it shows its figures', async () => {
  const context = await browser.context.browser().newContext({javaScriptEnabled: false});
  const page = await context.newPage();
  await page.goto(simulations.server.url('/monitor'));
  assert.equal(await page.locator('.simulations tbody tr').count(), COUNT);
  assert.equal(await page.locator('.tools:visible').count(), 0);
  assert.match(await page.locator('.graphs').innerText(), /need JavaScript/);
  await context.close();
});

test('nothing is asked while nobody looks, and a server that does not answer is told of', async () => {
  const {watched, page} = await open({clock: true});
  let asked = 0;
  let answers = true;
  await page.route('**/monitor.json*', (route) => {
    asked += 1;
    return answers ? route.continue() : route.fulfill({status: 503, body: 'no'});
  });
  const seen = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await until('a question', () => asked > 0);
  await seen(true);
  const before = asked;
  await page.clock.runFor(60_000);
  assert.ok(asked <= before + 1, `${asked - before} questions`);
  await seen(false);
  await until('a question at once', () => asked > before);

  answers = false;
  await page.getByRole('alert').waitFor();
  assert.match(await page.getByRole('alert').innerText(), /does not answer, for \d+ s now.*503/);
  await watched.screenshot('simulations-no-answer');
  answers = true;
  await page.getByRole('alert').waitFor({state: 'hidden'});
  watched.errors = watched.errors.filter((error) => !error.includes('503'));
  await watched.close();
});
