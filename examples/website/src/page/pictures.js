import { mouse, resize } from '../stream/commands.js';
import { element } from './element.js';

/**
 * The world as pictures that Webots takes of it (`mjpeg`): an image that never ends, and the mouse
 * over it.
 */
export class Pictures {
  #send;
  #size;
  #observer;

  /**
   * @param {HTMLElement} host
   * @param {string} url
   * @param {(frame: string) => void} send to Webots
   * @param {{width: number, height: number}} [size] where another client chose it
   */
  constructor(host, url, send, size) {
    this.#send = send;
    this.#size = size;
    this.image = element('img', {
      className: 'webots-pictures',
      src: url,
      alt: 'The world',
      draggable: false,
      tabIndex: 0,
    });
    const over = (action) => (event) => this.#mouse(action, event);
    this.image.addEventListener('pointerdown', (event) => {
      this.image.setPointerCapture(event.pointerId);
      this.#mouse(-1, event);
    });
    this.image.addEventListener('pointermove', (event) => event.buttons && this.#mouse(0, event));
    this.image.addEventListener('pointerup', over(1));
    this.image.addEventListener(
      'wheel',
      (event) => {
        event.preventDefault();
        this.#mouse(2, event, Math.sign(event.deltaY));
      },
      { passive: false },
    );
    this.image.addEventListener('contextmenu', (event) => event.preventDefault());
    host.append(this.image);
    this.#observer = new ResizeObserver(() => {
      if (!this.#size && host.clientWidth) send(resize(host.clientWidth, host.clientHeight));
    });
    this.#observer.observe(host);
  }

  /** Another client has chosen this size. */
  resized(size) {
    this.#size = size;
  }

  dispose() {
    this.#observer.disconnect();
    // An image that is only taken away goes on loading.
    this.image.removeAttribute('src');
    this.image.remove();
  }

  /** Where the pointer is, in pixels of Webots' picture, which fills the image with the same shape. */
  #mouse(action, event, wheel) {
    const box = this.image.getBoundingClientRect();
    const { width, height } = this.#size ?? box;
    const scale = Math.min(box.width / width, box.height / height) || 1;
    const x = (event.clientX - box.left - (box.width - width * scale) / 2) / scale;
    const y = (event.clientY - box.top - (box.height - height * scale) / 2) / scale;
    this.#send(mouse(action, event, x, y, wheel));
  }
}
