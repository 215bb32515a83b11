import { element } from './element.js';

/** What lies over the world while there is none: how far the start is, or why it ended. */
export class Overlay {
  #text = element('p', { className: 'webots-stage-text' });
  #bar = element('progress', { 'aria-label': 'Progress' });
  #note = element('p', { className: 'webots-stage-note' });
  #actions = element('div', { className: 'webots-actions' });
  #since = 0;
  #timer;

  constructor() {
    this.element = element(
      'div',
      { className: 'webots-overlay', role: 'status', 'aria-live': 'polite', hidden: true },
      element('div', { className: 'webots-card' }, this.#text, this.#bar, this.#note, this.#actions),
    );
  }

  /** @param {string} text the stage, in words @param {number} [percent] @param {() => void} cancel */
  progress(text, percent, cancel) {
    if (this.element.dataset.state !== 'progress') {
      this.#show('progress');
      this.#since = performance.now();
      this.#timer = setInterval(() => this.#tick(), 1000);
      this.#actions.replaceChildren(element('button', { type: 'button', onclick: cancel }, 'Cancel'));
      this.#tick();
    }
    this.#text.textContent = `${text}…`;
    this.#bar.hidden = false;
    if (percent === undefined) this.#bar.removeAttribute('value');
    else this.#bar.value = percent / 100;
  }

  /**
   * @param {string} text why
   * @param {[string, () => void][]} actions the names of buttons, and what they do
   */
  ended(text, actions) {
    this.#show('ended');
    this.#text.textContent = text;
    this.#bar.hidden = true;
    this.#note.textContent = '';
    this.#actions.replaceChildren(
      ...actions.map(([name, act]) => element('button', { type: 'button', onclick: act }, name)),
    );
  }

  /** Below the reason: whether there is room, say; `allowed` says whether the first button can be used. */
  note(text, allowed) {
    this.#note.textContent = text;
    const [first] = this.#actions.children;
    if (first) first.disabled = !allowed;
  }

  hide() {
    this.#show(undefined);
  }

  #show(state) {
    clearInterval(this.#timer);
    this.element.hidden = state === undefined;
    this.element.dataset.state = state ?? '';
  }

  #tick() {
    const seconds = Math.round((performance.now() - this.#since) / 1000);
    this.#note.textContent = seconds < 3 ? '' : `${seconds} s`;
  }
}
