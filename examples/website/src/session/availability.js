/** How long until a session server that does not answer is asked again, milliseconds. */
const AGAIN = 2000;

/**
 * Watches whether there is room for another simulation: `room`, `full`, or `silent` while the
 * session server does not answer.
 */
export class Availability {
  #url;
  #tell;
  #ports;
  #socket;
  #timer;
  #state = 'asking';

  /**
   * @param {string} url of the session server's socket
   * @param {(state: 'asking'|'room'|'full'|'silent') => void} tell is called at each change
   * @param {{WebSocket, setTimeout, clearTimeout}} ports of the browser, or others in tests
   */
  constructor(url, tell, ports = globalThis) {
    this.#url = url;
    this.#tell = tell;
    this.#ports = ports;
    this.#watch();
  }

  get state() {
    return this.#state;
  }

  close() {
    this.#ports.clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close();
  }

  #watch() {
    let socket;
    try {
      socket = new this.#ports.WebSocket(this.#url);
    } catch {
      this.#become('silent');
      return;
    }
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      if (socket !== this.#socket) return;
      if (data === '1') this.#become('room');
      if (data === '0') this.#become('full');
    };
    socket.onclose = () => {
      if (socket !== this.#socket) return;
      this.#become('silent');
      this.#timer = this.#ports.setTimeout(() => this.#watch(), AGAIN);
    };
  }

  #become(state) {
    if (state === this.#state) return;
    this.#state = state;
    this.#tell(state);
  }
}
