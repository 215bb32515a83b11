// The sample website in a browser, served by a demo, as people use it.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {cpSync, existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {createInterface} from 'node:readline';
import {SOON} from './browser.mjs';
import {folder, program, SAMPLES, until} from './server.mjs';

export const WEBSITE = new URL('../examples/website', import.meta.url).pathname;

/** Why the site cannot be tried, or `false`. */
export const notBuilt = existsSync(join(WEBSITE, 'dist/index.html'))
  ? false
  : 'the website is not built: npm ci && npm run build in examples/website';

/** All servers in one process, with the site. To be ended. */
export class Demo {
  /**
   * `ports`: those of a demo before; `projects`: beside the samples, by name, what to write into a copy of `simple`;
   * `website`: the folder of the site's sources; `env`: more of the environment.
   */
  static async start({
    ports = {website: 0, session: 0, simulation: 0},
    projects = {},
    website = WEBSITE,
    env = {},
  } = {}) {
    const demo = new Demo();
    demo.folder = folder();
    demo.projects = join(demo.folder.path, 'projects');
    cpSync(SAMPLES, demo.projects, {recursive: true});
    for (const [name, files] of Object.entries(projects)) {
      cpSync(join(SAMPLES, 'simple'), join(demo.projects, name), {recursive: true});
      for (const [file, text] of Object.entries(files)) {
        const path = join(demo.projects, name, file);
        mkdirSync(dirname(path), {recursive: true});
        writeFileSync(path, text);
      }
    }
    const args = [
      'demo',
      '--website',
      website,
      '--projects',
      demo.projects,
      '--port',
      ports.website,
      '--session-port',
      ports.session,
      '--simulation-port',
      ports.simulation,
    ];
    demo.child = spawn(program('webots-cloud'), args.map(String), {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {...process.env, TMPDIR: demo.folder.path, ...env},
    });
    demo.ended = once(demo.child, 'close');
    demo.said = '';
    demo.child.stderr.on('data', (data) => (demo.said += data));
    demo.ports = {};
    createInterface({input: demo.child.stdout}).on('line', (line) => {
      demo.said += `${line}\n`;
      const [, server, port] = /^(\w+) \w+ running on port (\d+)/.exec(line) ?? [];
      if (server) demo.ports[server.toLowerCase()] = Number(port);
    });
    demo.child.on('close', () => (demo.gone = true));
    await until('the demo', () => {
      if (demo.gone) throw new Error(`the demo ended: ${demo.said}`);
      return demo.ports.website;
    });
    demo.site = `http://localhost:${demo.ports.website}/`;
    return demo;
  }

  /** How many simulations have a place. */
  async simulations() {
    const response = await fetch(`http://127.0.0.1:${this.ports.simulation}/metrics`);
    const text = await response.text();
    const figure = (name) => Number(new RegExp(`^webots_cloud_${name} (\\S+)$`, 'm').exec(text)[1]);
    return figure('slots') - figure('slots_free');
  }

  /** The workspaces that are there. */
  workspaces() {
    const instances = this.#own('instances');
    return existsSync(instances) ? readdirSync(instances).filter((name) => !name.startsWith('.')) : [];
  }

  /** What the website keeps of the demo's user. */
  kept(path) {
    return this.#own(`user/1/projects/${path}`);
  }

  /** The path of something in the demo's own folder. */
  #own(path) {
    const name = readdirSync(this.folder.path).find((name) => name.startsWith('webots-cloud-demo-'));
    return join(this.folder.path, name, path);
  }

  /** The servers' process is gone, as after a power cut. */
  async kill() {
    this.child.kill('SIGKILL');
    await this.ended;
  }

  async end() {
    if (!this.gone) this.child.kill('SIGTERM');
    const insist = setTimeout(() => this.child.kill('SIGKILL'), SOON);
    await this.ended;
    clearTimeout(insist);
    this.folder.remove();
  }
}

/** A person with a page of the site. */
export class Visitor {
  /** `watched` is a page of `Browser`. */
  constructor(watched, site) {
    this.watched = watched;
    this.page = watched.page;
    this.site = site;
  }

  /** On the first page, once there is room. */
  async arrive() {
    await this.watched.open(this.site);
    await this.page.getByText('There is room').waitFor();
  }

  /** Chooses a world, and waits until it is there. */
  async start(title) {
    await this.page.getByRole('button', {name: `Start ${title}`}).click();
    await this.worldIsThere();
  }

  async worldIsThere() {
    await this.button('Run').and(this.page.locator(':enabled')).waitFor();
    await this.page.locator('.webots-overlay').waitFor({state: 'hidden'});
  }

  button(name) {
    return this.page.getByRole('button', {name, exact: true});
  }

  press(name) {
    return this.button(name).click();
  }

  /** Simulated time, milliseconds, as the page shows it. */
  async time() {
    const text = await this.page.locator('.webots-time').textContent();
    const [hours, minutes, seconds, rest] = text.split(':').map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest;
  }

  /** Simulated time, once it stands still. */
  async settled() {
    let [last, same] = [-1, 0];
    return until('time to stand still', async () => {
      const now = await this.time();
      same = now === last ? same + 1 : 0;
      last = now;
      return same > 9 && String(now);
    }).then(Number);
  }

  /** Where a body is in the scene of the page, and how it is turned. */
  pose(name) {
    return this.page.evaluate((name) => {
      const {position, quaternion} = globalThis.view.world.scene.getObjectByName(name);
      return {at: position.toArray(), turned: quaternion.toArray()};
    }, name);
  }

  /** Waits until a body is somewhere else. */
  async seesMove(name) {
    const before = await this.pose(name);
    return until(`${name} to move`, async () => {
      const now = await this.pose(name);
      return far(before.at, now.at) > 0.03 && now;
    });
  }

  /** Writes a file in the editor anew. */
  async write(text) {
    const code = this.page.locator('.cm-content');
    await code.click();
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.insertText(text);
  }

  screenshot(name) {
    return this.watched.screenshot(`website-${name}`);
  }
}

/** The distance of two points. */
export function far(a, b) {
  return Math.hypot(...a.map((value, at) => value - b[at]));
}
