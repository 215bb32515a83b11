import { readFrame } from './frames.js';
import * as commands from './commands.js';

/** How long Webots may be silent before it is greeted in the words of another era, milliseconds. */
const SILENCE = 3000;

/**
 * The socket to Webots itself. Greets it, reads its frames, and gives its commands the words of the
 * era. Everything is told as a value of `readFrame`; besides, `{kind: 'open'}`, and
 * `{kind: 'closed', clean}` once, unless the page itself closed it.
 */
export class Stream {
  #socket;
  #tell;
  #ports;
  #timer;
  #since2022 = false;
  #over = false;

  /**
   * @param {string} url
   * @param {{broadcast?: boolean, pictures?: {width: number, height: number}}} options
   * @param {(value: object) => void} tell
   * @param {{WebSocket, setTimeout, clearTimeout}} ports
   */
  constructor(url, options, tell, ports = globalThis) {
    this.#tell = tell;
    this.#ports = ports;
    this.url = new URL(url);
    this.#socket = new ports.WebSocket(this.url.href);
    this.#socket.onopen = () => {
      tell({ kind: 'open' });
      this.#greet(options);
    };
    this.#socket.onmessage = ({ data }) => {
      ports.clearTimeout(this.#timer);
      if (!this.#over && typeof data === 'string') this.#hear(data);
    };
    this.#socket.onclose = ({ code }) => {
      ports.clearTimeout(this.#timer);
      if (!this.#over) tell({ kind: 'closed', clean: code === 1000 || code === 1001 });
      this.#over = true;
    };
  }

  /** Where the files of the project and pictures are. */
  get files() {
    const url = new URL(this.url);
    url.protocol = url.protocol.replace('ws', 'http');
    return url.href.endsWith('/') ? url.href : `${url.href}/`;
  }

  pause() {
    this.send('pause');
  }

  step() {
    this.send('step');
  }

  /** @param {'real-time'|'fast'} mode @param {number} limit milliseconds of simulated time */
  run(mode, limit) {
    this.send(commands.run(mode, limit));
  }

  reset() {
    this.send('reset');
  }

  reload() {
    this.send(commands.reload(this.#since2022));
  }

  send(frame) {
    if (!this.#over && this.#socket.readyState === 1) this.#socket.send(frame);
  }

  close() {
    this.#over = true;
    this.#ports.clearTimeout(this.#timer);
    this.#socket.close(1000);
  }

  #greet({ broadcast, pictures }) {
    if (pictures) {
      this.send(commands.helloPictures(pictures.width, pictures.height));
      return;
    }
    this.send(commands.hello('x3d', broadcast));
    // Webots of 2025 knows another word, only logs this one, and is silent until it hears its own.
    this.#timer = this.#ports.setTimeout(() => this.send(commands.hello('w3d', broadcast)), SILENCE);
  }

  #hear(text) {
    const value = readFrame(text);
    if (value.kind === 'world') this.#since2022 = value.since2022;
    this.#tell(value);
  }
}
