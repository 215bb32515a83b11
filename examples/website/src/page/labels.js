import { element } from './element.js';

/** The most labels at a time. */
const MOST = 200;

/** Texts that supervisors write over the world. */
export class Labels {
  #labels = new Map();
  element = element('div', { className: 'webots-labels' });

  /** @param {{id: string, font: string, color: string, size: number, x: number, y: number, text: string}} label */
  show({ id, font, color, size, x, y, text }) {
    let shown = this.#labels.get(id);
    if (!shown) {
      if (this.#labels.size >= MOST) return;
      shown = element('div');
      this.#labels.set(id, shown);
      this.element.append(shown);
    }
    shown.textContent = text;
    Object.assign(shown.style, {
      left: `${100 * x}%`,
      top: `${100 * y}%`,
      color,
      fontFamily: `"${font.replaceAll('"', '')}", sans-serif`,
      // A size is a part of the height of the view.
      fontSize: `${(60 * size).toFixed(2)}cqh`,
    });
  }

  clear() {
    this.#labels.clear();
    this.element.replaceChildren();
  }
}
