import { Desk } from './editing/desk.js';
import { Files } from './editing/files.js';
import { mayLeave } from './editing/leaving.js';
import { ask, help } from './page/dialogs.js';
import { listenToKeys } from './page/keyboard.js';
import { Layout } from './page/layout.js';
import { isLoggedIn, parameters, who } from './parameters.js';
import { Play } from './play.js';
import { availabilityAddress, originOf, readAddress } from './session/address.js';
import { Availability } from './session/availability.js';

/** How long a simulation runs without anybody at the controls if the page does not say: seconds. */
const TIMEOUT = 60;
/** The end is counted down from so many seconds. */
const COUNTDOWN = 300;

const ROOM = {
  asking: ['', false],
  room: ['There is room.', true],
  full: ['All places are taken: this page waits for one.', false],
  silent: ['The session server does not answer: this page keeps asking.', false],
};

/** A web simulation in an element of a page. */
export class View {
  /** The world is there. @type {(() => void) | undefined} */
  onready;
  /** The simulation has ended, for whatever reason. @type {(() => void) | undefined} */
  onclose;
  /** It ended, or did not start, and nobody wished it: why, in words. @type {((text: string) => void) | undefined} */
  onerror;
  /** The user has quit. @type {(() => void) | undefined} */
  onquit;
  /** Only to watch; set before `open`. */
  broadcast = false;

  #element;
  #timeout = TIMEOUT;
  #documentation;
  #opened;
  #target;
  #play;
  #layout;
  #files = new Files(false);
  #desk;
  #room;
  #ticking;

  /** @param {HTMLElement} view3D is filled @param {boolean} [mobile] whether this is a small device */
  constructor(view3D, mobile = false) {
    this.#element = view3D;
    const commands = this.#commands();
    this.#layout = new Layout(view3D, mobile, commands);
    for (const event of ['pointerdown', 'keydown', 'wheel']) {
      view3D.addEventListener(event, () => this.#play?.touch(), { passive: true });
    }
    listenToKeys(view3D, commands, () => (this.#play?.mode === 'pause' ? 'run' : 'pause'));
    globalThis.addEventListener('beforeunload', (event) => {
      if (this.#files.atRisk.length > 0) event.preventDefault();
    });
  }

  /** How long a simulation runs without anybody at the controls, seconds; without end if negative. */
  setTimeout(seconds) {
    this.#timeout = seconds;
  }

  /** The address of the documentation that the help leads to. */
  setWebotsDocUrl(url) {
    this.#documentation = url;
  }

  /** The world that is shown, for pages that look closer. */
  get world() {
    return this.#layout.stage.world;
  }

  /** How many updates came, how many frames were drawn, and how late: mean and worst, milliseconds. */
  get figures() {
    return this.#layout.stage.figures;
  }

  /**
   * Loads a simulation, a broadcast or a scene; `readAddress` tells the forms of addresses.
   *
   * @param {string} url @param {string} [mode] `mjpeg` for pictures instead of a scene
   */
  open(url, mode) {
    const again = url === this.#opened?.[0];
    this.#opened = [url, mode];
    this.#stop();
    try {
      this.#target = readAddress(url, document.baseURI);
    } catch (error) {
      this.#ended(error.message, false);
      return;
    }
    const target = this.#target;
    const { stage, toolbar } = this.#layout;
    const broadcast = this.broadcast;
    if (again && this.#files.atRisk.length > 0) this.#files.restart();
    else this.#files = new Files(isLoggedIn() && target.kind === 'project');
    this.#desk = new Desk(this.#files, this.#layout.edit(this.#files, this.#commands()), target.project, {
      play: () => this.#play,
      restart: () => this.#command((play) => play.reset(async () => {})),
    });
    toolbar.offer({
      reload: parameters.showRevert && !broadcast,
      quit: parameters.showQuit && !broadcast,
      editor: target.kind === 'project',
    });
    if (target.kind === 'scene') {
      this.#openScene(target.url);
      return;
    }
    const options = {
      origin: originOf(location),
      who: who(),
      broadcast,
      timeout: this.#timeout,
      pictures: mode === 'mjpeg' ? stage.size : undefined,
    };
    this.#play = new Play(target, options, (event) => this.#hear(event));
    this.#play.start();
  }

  /** Ends the simulation. */
  close() {
    this.#stop();
    this.#layout.stage.overlay.hide();
    this.onclose?.();
  }

  #commands() {
    const play = (act) => () => this.#command(act);
    return {
      run: play((it) => it.run('real-time')),
      fast: play((it) => it.run('fast')),
      pause: play((it) => it.pause()),
      step: play((it) => it.step()),
      reload: play((it) => it.reload()),
      reset: play((it) => it.reset(() => this.#desk.sendAll())),
      load: (world) => this.#command((it) => it.load(world)),
      console: () => this.#layout.toggle('console'),
      editor: () => this.#layout.toggle('editor'),
      view: () => this.#layout.stage.lookAgain(),
      fullScreen: () => this.#layout.toggleFullScreen(),
      help: () => help(this.#element, this.#documentation),
      quit: () => this.#quit(),
      save: (path) => this.#desk.save(path),
      original: (path) => this.#original(path),
    };
  }

  #command(act) {
    if (this.#play?.stream && !this.broadcast) act(this.#play);
  }

  #hear(event) {
    const { stage, console, toolbar } = this.#layout;
    switch (event.kind) {
      case 'progress':
        toolbar.allow({ look: true, leave: true });
        return stage.overlay.progress(event.text, event.percent, () => this.#quit());
      case 'open':
        return stage.prepare(event.files);
      case 'ready':
        return this.#ready();
      case 'mode':
        toolbar.showTime(this.#play.time, this.#play.factor);
        return toolbar.showMode(event.mode);
      case 'world':
        stage.hear(event);
        return toolbar.showWorlds(event.worlds, event.current);
      case 'output':
        return event.lines.forEach((line) => console.add(line, event.error ? 'error' : 'out'));
      case 'notice':
        stage.notice(event.text);
        return console.add(event.text, 'note');
      case 'controller':
        return this.#desk.receive(event);
      case 'controllerReset':
        return this.#desk.restored(event.file);
      case 'timeLimit':
        return this.#countDown(event.seconds);
      case 'idle':
        return stage.notice(
          `Paused: nobody was at the controls for ${event.seconds} s of simulated time. Press run to go on.`,
        );
      case 'ended':
        return this.#ended(event.text, event.again);
      default:
        this.#show(event);
    }
  }

  #show(event) {
    const { stage, console, toolbar } = this.#layout;
    try {
      stage.hear(event, this.#play.stream);
    } catch (error) {
      // Without a scene there is nothing to play; a piece of one that cannot be read is left out.
      if (event.kind === 'model') this.#ended(error.message, true);
      else console.add(error.message, 'note');
      return;
    }
    if (event.kind === 'update') toolbar.showTime(this.#play.time, this.#play.factor);
  }

  #ready() {
    const { stage, toolbar } = this.#layout;
    stage.overlay.hide();
    toolbar.allow({ drive: !this.broadcast, look: true, leave: true });
    toolbar.showMode(this.#play.mode);
    toolbar.showTime(this.#play.time, this.#play.factor);
    if (this.#target.kind === 'project') this.#desk.started(stage.world.controllers);
    if (document.activeElement === document.body) stage.focus();
    this.onready?.();
  }

  #ended(text, again) {
    const { stage, toolbar } = this.#layout;
    toolbar.showTime(this.#play?.time ?? 0);
    this.#stop();
    // What was written can still be read and taken away.
    toolbar.allow({ look: true, leave: true });
    const actions = again ? [['Try again', () => this.open(...this.#opened)]] : [];
    if (this.onquit) actions.push(['Leave', () => this.#quit()]);
    stage.overlay.ended(text, actions);
    if (again && this.#target.session) this.#waitForRoom(stage.overlay);
    this.onerror?.(text);
    this.onclose?.();
  }

  /** Trying again makes sense once there is room. */
  #waitForRoom(overlay) {
    const show = (state) => overlay.note(...ROOM[state]);
    this.#room = new Availability(availabilityAddress(this.#target.session), show);
    show(this.#room.state);
  }

  #countDown(seconds) {
    const ends = performance.now() + 1000 * seconds;
    clearInterval(this.#ticking);
    const tick = () => {
      const left = Math.max(0, (ends - performance.now()) / 1000);
      this.#layout.toolbar.showLeft(left <= COUNTDOWN ? left : undefined);
    };
    this.#ticking = setInterval(tick, 1000);
    tick();
  }

  async #quit() {
    if (!(await mayLeave(this.#element, this.#files, this.#desk))) return;
    this.#files = new Files(false);
    this.#stop();
    this.#layout.toolbar.allow({});
    this.#layout.stage.overlay.ended('You have quit the simulation.', [
      ['Start again', () => this.open(...this.#opened)],
    ]);
    this.onclose?.();
    this.onquit?.();
  }

  async #original(path) {
    const answer = await ask(
      this.#element,
      'Back to the original',
      `What you have written in ${path} is replaced by the original.`,
      ['Replace it', 'Keep mine'],
    );
    if (answer === 'Replace it') this.#command((play) => play.resetController(path));
  }

  async #openScene(url) {
    const { stage, toolbar } = this.#layout;
    toolbar.allow({ look: true });
    stage.overlay.progress('Fetching the scene', undefined, () => this.close());
    try {
      const response = await fetch(url);
      if (!response.ok) throw new Error(`The scene cannot be fetched: ${response.status}`);
      stage.prepare(url);
      stage.hear({ kind: 'model', xml: await response.text() });
      stage.overlay.hide();
      this.onready?.();
    } catch (error) {
      this.#ended(error.message, true);
    }
  }

  #stop() {
    this.#play?.close();
    this.#play = undefined;
    this.#room?.close();
    this.#room = undefined;
    clearInterval(this.#ticking);
    this.#layout.toolbar.showLeft(undefined);
    this.#layout.toolbar.showMode('pause');
  }
}
