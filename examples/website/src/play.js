import { Session } from './session/session.js';
import { limit, load } from './stream/commands.js';
import { Clock } from './stream/clock.js';
import { Stream } from './stream/stream.js';

/** So often at most Webots is told that somebody is at the controls, milliseconds. */
const TOUCHED = 5000;
/** After Webots' own socket closes, so long the simulation server may take to say why. */
const REASON = 2000;

/**
 * One simulation as a person plays it: from the question for a place to the end, with the buttons'
 * commands. Knows nothing of the page.
 *
 * `tell` gets each value of `Session` and `Stream` as it comes, and besides
 * `{kind: 'progress', text, percent}` until `{kind: 'ready'}`, `{kind: 'restarting'}` before a reset, `{kind: 'idle', seconds}` where Webots paused
 * because nobody did anything, and once `{kind: 'ended', text, again}`, unless the page closed it.
 */
export class Play {
  /** `pause`, `real-time` or `fast`. */
  mode = 'pause';
  #target;
  #options;
  #tell;
  #ports;
  #session;
  #stream;
  #clock = new Clock();
  #asked = 'pause';
  #after;
  #loaded = false;
  #shown = false;
  #touched = 0;
  #timer;
  #over = false;

  /**
   * @param {ReturnType<import('./session/address.js').readAddress>} target
   * @param {{origin: string, who: object, broadcast: boolean, timeout: number,
   *   pictures?: {width: number, height: number}}} options `timeout` in seconds, negative for none
   * @param {(event: object) => void} tell
   */
  constructor(target, options, tell, ports = globalThis) {
    this.#target = target;
    this.#options = options;
    this.#tell = tell;
    this.#ports = ports;
  }

  start() {
    if (this.#target.kind === 'stream') {
      this.#say({ kind: 'progress', text: 'Connecting' });
      this.#open(this.#target.url);
      return;
    }
    const { origin, who, pictures } = this.#options;
    const mode = pictures && 'mjpeg';
    this.#session = new Session(
      this.#target,
      { origin, who, mode },
      (event) => this.#hearServer(event),
      this.#ports,
    );
    this.#session.start();
  }

  /** Simulated time, milliseconds. */
  get time() {
    return this.#clock.time;
  }

  /** How fast simulated time goes by; `undefined` while there is nothing to say. */
  get factor() {
    return this.mode === 'pause' ? undefined : this.#clock.factor;
  }

  /** Webots, for its commands; `undefined` until it is there. */
  get stream() {
    return this.#stream;
  }

  /** @param {'real-time'|'fast'} mode */
  run(mode) {
    this.#asked = mode;
    this.#clock.restart();
    this.#stream?.run(mode, this.#limit);
  }

  pause() {
    this.#asked = 'pause';
    this.#stream?.pause();
  }

  step() {
    this.#asked = 'pause';
    this.#stream?.step();
  }

  /** Back to the start; it runs on if it ran. `before` is done while the simulation stands still. */
  async reset(before) {
    this.#after ??= this.mode;
    this.pause();
    await before();
    this.#say({ kind: 'restarting' });
    this.#stream?.reset();
  }

  /** The world is read again, and stands still. */
  reload() {
    this.pause();
    this.#stream?.reload();
  }

  /** Another world of the project, which stands still. */
  load(world) {
    this.pause();
    this.#stream?.send(load(world));
  }

  /** Somebody is at the controls. */
  touch(now = performance.now()) {
    if (this.mode === 'pause' || this.#limit < 0 || now - this.#touched < TOUCHED) return;
    this.#touched = now;
    this.#stream?.send(limit(this.#limit));
  }

  /** Asks for the original of a controller's file. */
  resetController(file) {
    this.#session?.resetController(file);
  }

  /** Ends the simulation. Nothing is told any more. */
  close() {
    this.#over = true;
    this.#ports.clearTimeout(this.#timer);
    this.#stream?.close();
    this.#session?.close();
  }

  get #limit() {
    const { broadcast, timeout } = this.#options;
    return broadcast || timeout < 0 ? -1 : 1000 * timeout;
  }

  #hearServer(event) {
    switch (event.kind) {
      case 'stage':
        return this.#say({ kind: 'progress', text: event.text });
      case 'webots':
        this.#say({ kind: 'progress', text: 'Connecting to the simulation' });
        return this.#open(event.url);
      case 'ended':
        return this.#end(event.text, event.again);
      default:
        return this.#say(event);
    }
  }

  #open(url) {
    const { broadcast, pictures } = this.#options;
    try {
      this.#stream = new Stream(url, { broadcast, pictures }, (value) => this.#hear(value), this.#ports);
    } catch {
      this.#end(`This page may not open ${url}.`, false);
    }
  }

  #hear(value) {
    switch (value.kind) {
      case 'open':
        this.#say({ kind: 'open', files: this.#stream.files });
        return this.#say({ kind: 'progress', text: 'Loading the world' });
      case 'closed':
        return this.#closed(value.clean);
      case 'loading':
        return this.#say({ ...value, kind: 'progress' });
      case 'cleared':
        this.#loaded = false;
        this.#shown = false;
        this.#say(value);
        return this.#say({ kind: 'progress', text: 'Loading the world' });
      case 'mode':
        return this.#changed(value);
      case 'update':
        if (value.time !== undefined) this.#clock.update(value.time, performance.now());
        return this.#say(value);
      case 'reset':
        this.#say(value);
        return this.#resume();
    }
    this.#say(value);
    this.#loaded ||= value.kind === 'loaded';
    this.#shown ||= value.kind === 'model' || value.kind === 'pictures';
    // Which of the two comes first depends on the era.
    if (['loaded', 'model', 'pictures'].includes(value.kind) && this.#loaded && this.#shown)
      this.#say({ kind: 'ready' });
  }

  #changed(value) {
    const { mode, time } = value;
    const before = this.mode;
    this.mode = mode;
    if (time !== undefined) this.#clock.update(time, performance.now());
    this.#say(value);
    if (mode === 'pause') {
      this.#clock.restart();
      if (before !== 'pause' && this.#asked !== 'pause' && this.#limit >= 0) {
        this.#say({ kind: 'idle', seconds: this.#limit / 1000 });
      }
      this.#asked = 'pause';
    } else if (before !== mode && this.#limit >= 0) {
      this.#stream.send(limit(this.#limit));
    }
  }

  #resume() {
    const mode = this.#after;
    this.#after = undefined;
    if (mode && mode !== 'pause') this.run(mode);
  }

  #closed(clean) {
    const text = clean ? 'The simulation has ended.' : 'The connection to the simulation was lost.';
    if (!this.#session) {
      this.#end(text, true);
      return;
    }
    // The simulation server knows better why.
    this.#timer = this.#ports.setTimeout(() => this.#end(text, true), REASON);
  }

  #end(text, again) {
    this.#say({ kind: 'ended', text, again });
    this.close();
  }

  #say(event) {
    if (!this.#over) this.#tell(event);
  }
}
