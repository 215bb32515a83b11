import { World } from '../scene/world.js';
import { Viewer } from '../scene/viewer.js';
import { element } from './element.js';
import { Labels } from './labels.js';
import { Overlay } from './overlay.js';
import { Pictures } from './pictures.js';

/** How long a notice is shown, milliseconds. */
const NOTICE = 8000;

/** The part of the view where the world is seen, as a scene or as pictures. */
export class Stage {
  overlay = new Overlay();
  #labels = new Labels();
  #notice = element('p', { className: 'webots-notice', role: 'status', hidden: true });
  #picture = element('div', { className: 'webots-picture' });
  #viewer;
  #world;
  #pictures;
  #timer;
  #updates = 0;
  #files;

  constructor() {
    this.element = element(
      'div',
      { className: 'webots-stage' },
      this.#picture,
      this.#labels.element,
      this.#notice,
      this.overlay.element,
    );
  }

  get size() {
    return { width: this.element.clientWidth || 800, height: this.element.clientHeight || 600 };
  }

  /** The world that is shown, if it is shown as a scene. */
  get world() {
    return this.#world;
  }

  /** How many updates came, and what came of them on the screen. */
  get figures() {
    return { updates: this.#updates, ...(this.#viewer?.figures ?? { drawn: 0, mean: 0, worst: 0 }) };
  }

  /** Before a world comes. @param {string} files the address of its files */
  prepare(files) {
    this.clear();
    this.#files = files;
    this.#world = new World(files, () => this.#viewer?.draw());
  }

  /** Shows what a frame of Webots says about the scene. */
  hear(value, stream) {
    const world = this.#world;
    switch (value.kind) {
      case 'world':
        world.base = new URL(value.folder, this.#files).href;
        break;
      case 'model':
        world.load(value.xml);
        this.#view(world);
        break;
      case 'update':
        this.#updates += 1;
        world.apply(value.poses);
        value.labels.forEach((label) => this.#labels.show(label));
        break;
      case 'node':
        world.add(value.parent, value.xml);
        break;
      case 'delete':
        world.delete(value.id);
        break;
      case 'visibility':
        world.setVisible(value.id, value.visible);
        break;
      case 'image':
        world.receiveImage(value.url, value.data);
        break;
      case 'cleared':
        world.clear();
        this.#labels.clear();
        break;
      case 'restarting':
        this.#labels.clear();
        break;
      case 'pictures':
        this.#pictures?.dispose();
        this.#pictures = new Pictures(
          this.#picture,
          new URL(value.path, stream.files).href,
          (frame) => stream.send(frame),
          value.size,
        );
        break;
      case 'resize':
        this.#pictures?.resized(value);
        break;
    }
    this.#viewer?.draw();
  }

  /** A line over the world, for a while. */
  notice(text) {
    clearTimeout(this.#timer);
    this.#notice.textContent = text;
    this.#notice.hidden = false;
    this.#timer = setTimeout(() => {
      this.#notice.hidden = true;
    }, NOTICE);
  }

  lookAgain() {
    this.#viewer?.lookAgain();
  }

  focus() {
    (this.#viewer?.canvas ?? this.#pictures?.image)?.focus({ preventScroll: true, focusVisible: false });
  }

  clear() {
    this.#labels.clear();
    this.#pictures?.dispose();
    this.#pictures = undefined;
    this.#world?.clear();
    this.#viewer?.draw();
  }

  /** Without WebGL nothing can be shown, but everything else works. */
  #view(world) {
    try {
      this.#viewer ??= new Viewer(this.#picture);
    } catch {
      this.#picture.textContent =
        'This browser cannot show three dimensions (WebGL is missing or switched off).';
      return;
    }
    this.#viewer.show(world);
  }
}
