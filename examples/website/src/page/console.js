import { element } from './element.js';

/** The most lines that are kept. */
const LINES = 2000;

/** What the controllers print, and what the page has to say. */
export class Console {
  #lines = element('div', { className: 'webots-lines', role: 'log', 'aria-label': 'Console', tabIndex: 0 });

  constructor() {
    this.element = element(
      'section',
      { className: 'webots-console', 'aria-label': 'Console', hidden: true },
      element(
        'header',
        {},
        element('h2', {}, 'Console'),
        element('button', { type: 'button', onclick: () => this.clear() }, 'Clear'),
      ),
      this.#lines,
    );
  }

  /** @param {string} text @param {'out'|'error'|'note'} kind */
  add(text, kind) {
    const { scrollTop, clientHeight, scrollHeight } = this.#lines;
    const atEnd = scrollTop + clientHeight > scrollHeight - 20;
    this.#lines.append(element('div', { className: `webots-line-${kind}` }, text));
    while (this.#lines.childElementCount > LINES) this.#lines.firstChild.remove();
    if (atEnd) this.#lines.scrollTop = this.#lines.scrollHeight;
  }

  clear() {
    this.#lines.replaceChildren();
  }

  get open() {
    return !this.element.hidden;
  }

  set open(open) {
    this.element.hidden = !open;
    this.#lines.scrollTop = this.#lines.scrollHeight;
  }
}
