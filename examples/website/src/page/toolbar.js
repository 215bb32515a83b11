import { clockText } from '../stream/clock.js';
import { element } from './element.js';
import { icon } from './icons.js';

/** The buttons: what they do, their drawing, their name, and their key. */
const BUTTONS = [
  ['reset', 'reset', 'Reset', 'R', 'drive'],
  ['reload', 'reload', 'Reload the world', '', 'drive'],
  ['pause', 'pause', 'Pause', 'Space', 'drive'],
  ['step', 'step', 'Step', '.', 'drive'],
  ['run', 'run', 'Run', 'Space', 'drive'],
  ['fast', 'fast', 'Run as fast as possible', 'F', 'drive'],
  ['console', 'console', 'Console', 'C', 'look'],
  ['editor', 'editor', 'Edit the controllers', 'E', 'look'],
  ['view', 'view', 'Back to the first view', 'Home', 'look'],
  ['fullScreen', 'fullScreen', 'Full screen', '', 'look'],
  ['help', 'help', 'Help', '?', 'look'],
  ['quit', 'quit', 'Quit', '', 'leave'],
];

/** The buttons that stay pressed, and in which mode. */
const MODES = { pause: 'pause', 'real-time': 'run', fast: 'fast' };

/** The bar below the world: buttons, worlds of the project, time. */
export class Toolbar {
  #buttons = {};
  #worlds;
  #time = element('span', { className: 'webots-time', title: 'Simulated time' }, clockText(0));
  #factor = element(
    'span',
    { className: 'webots-factor', title: 'Speed, compared to the clock on the wall' },
    '—',
  );
  #left = element('span', { className: 'webots-left', role: 'timer', hidden: true });

  /** @param {Record<string, (argument?: string) => void>} commands by the buttons' names, and `load` */
  constructor(commands) {
    const groups = { drive: [], look: [], leave: [] };
    for (const [name, drawing, label, key, group] of BUTTONS) {
      const button = element(
        'button',
        {
          type: 'button',
          className: `webots-button webots-do-${name}`,
          title: key ? `${label} (${key})` : label,
          'aria-label': label,
          onclick: () => commands[name](),
        },
        icon(drawing),
      );
      this.#buttons[name] = button;
      groups[group].push(button);
    }
    this.#worlds = element('select', {
      className: 'webots-worlds',
      'aria-label': 'World',
      hidden: true,
      onchange: () => commands.load(this.#worlds.value),
    });
    const figures = element('span', { className: 'webots-figures' }, this.#time, this.#factor, this.#left);
    this.element = element(
      'div',
      { className: 'webots-toolbar', role: 'toolbar', 'aria-label': 'Simulation' },
      element('span', { className: 'webots-group' }, ...groups.drive),
      figures,
      this.#worlds,
      element('span', { className: 'webots-group webots-end' }, ...groups.look, ...groups.leave),
    );
    this.allow({});
  }

  /** @param {{drive?: boolean, look?: boolean, leave?: boolean}} what which groups can be used */
  allow(what) {
    for (const [name, , , , group] of BUTTONS) this.#buttons[name].disabled = !what[group];
    this.#worlds.disabled = !what.drive;
  }

  /** @param {Record<string, boolean>} which whether these buttons are there at all */
  offer(which) {
    for (const [name, there] of Object.entries(which)) this.#buttons[name].hidden = !there;
  }

  showMode(mode) {
    for (const [it, name] of Object.entries(MODES)) {
      this.#buttons[name].setAttribute('aria-pressed', String(it === mode));
    }
  }

  /** @param {'console'|'editor'} panel @param {boolean} open */
  showPanel(panel, open) {
    this.#buttons[panel].setAttribute('aria-expanded', String(open));
  }

  showTime(milliseconds, factor) {
    this.#time.textContent = clockText(milliseconds);
    this.#factor.textContent = factor === undefined ? '—' : `${factor.toFixed(2)}×`;
  }

  /** How long until a limit ends the simulation, seconds; nothing if `undefined`. */
  showLeft(seconds) {
    this.#left.hidden = seconds === undefined;
    if (seconds === undefined) return;
    const text = `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;
    this.#left.textContent = `ends in ${text}`;
  }

  showWorlds(worlds, current) {
    this.#worlds.replaceChildren(
      ...worlds.map((name) => element('option', { value: name }, name.replace(/\.wbt$/, ''))),
    );
    this.#worlds.value = current;
    this.#worlds.hidden = worlds.length < 2;
  }
}
