// Programs of the workspace as processes of their own: waited for at the start, ended by their pid.

import {spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import {SOON} from './browser.mjs';

const ROOT = new URL('..', import.meta.url).pathname;
const PROGRAMS =
  process.env.PROGRAMS ?? join(process.env.CARGO_TARGET_DIR ?? join(ROOT, 'target'), 'debug');

/** The path of a program of the workspace. */
export const program = (name) => join(PROGRAMS, name);

/** The sample projects. */
export const SAMPLES = join(ROOT, 'examples/projects');

/** A folder that goes when the test is done with it. */
export function folder() {
  const path = mkdtempSync(join(tmpdir(), 'webots-cloud-'));
  return {path, remove: () => rmSync(path, {recursive: true, force: true})};
}

/** A server's process. To be ended. */
export class Server {
  /**
   * Starts a program and waits for its line `… running on port N`.
   *
   * With a configuration (an object), it is given as a file; the port is a free one unless `args`
   * say otherwise.
   */
  static async start(name, {config, args = []} = {}) {
    const server = new Server();
    server.folder = folder();
    const all = [...args];
    if (config) {
      const file = join(server.folder.path, 'config.json');
      const parent = {logDir: server.folder.path, ...config};
      writeFileSync(file, JSON.stringify(parent));
      all.unshift(file);
    }
    if (!all.includes('--port')) all.push('--port', '0');
    server.child = spawn(program(name), all, {stdio: ['ignore', 'pipe', 'pipe']});
    server.ended = once(server.child, 'close');
    server.said = '';
    server.child.stderr.on('data', (data) => (server.said += data));
    try {
      server.port = await server.#ready();
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  /** The port in the ready line. */
  async #ready() {
    const lines = createInterface({input: this.child.stdout});
    const limit = AbortSignal.timeout(SOON);
    const failed = (why) => new Error(`${this.child.spawnfile} ${why}: ${this.said}`);
    return new Promise((resolve, reject) => {
      lines.on('line', (line) => {
        const port = / running on port (\d+)/.exec(line);
        if (port) resolve(Number(port[1]));
      });
      this.child.on('error', reject);
      this.ended.then(() => reject(failed('ended')));
      limit.addEventListener('abort', () => reject(failed('is not ready')));
    });
  }

  /** The address of a path. */
  url(path = '/', scheme = 'http') {
    return `${scheme}://127.0.0.1:${this.port}${path}`;
  }

  /** The text of an answer. */
  async text(path) {
    const response = await fetch(this.url(path));
    return response.text();
  }

  /** Asks it to end, and waits until it has. */
  async end() {
    this.child.kill('SIGTERM');
    const insist = setTimeout(() => this.child.kill('SIGKILL'), SOON);
    await this.ended.catch(() => {});
    clearTimeout(insist);
    this.folder.remove();
  }
}

/** Waits until `look` gives something true, and gives that. */
export async function until(what, look) {
  const end = Date.now() + SOON;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited too long for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
