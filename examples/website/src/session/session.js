import {
  initFrame,
  readServerFrame,
  readSessionReply,
  resetControllerFrame,
  startFrame,
} from './messages.js';

/**
 * One simulation, from the question for a place to its end: asks the session server, opens the
 * `/client` socket, says what to start, and tells what happens. While that socket is open the
 * simulation runs; closing it ends the simulation.
 *
 * `tell` is called with one of
 * `{kind: 'stage', text}`, `{kind: 'webots', url}`, `{kind: 'timeLimit', seconds}`,
 * `{kind: 'controllerReset', file}`, `{kind: 'notice', text}`, and once with
 * `{kind: 'ended', text, again}`, where `again` says whether trying again makes sense. It is not told
 * what the page itself ended.
 */
export class Session {
  #target;
  #options;
  #tell;
  #ports;
  #socket;
  #reason;
  #webots = false;
  #over = false;

  /**
   * @param {ReturnType<import('./address.js').readAddress>} target of the kinds `project` and `world`
   * @param {{origin: string, who: object, mode?: string}} options
   * @param {(event: object) => void} tell
   * @param {{fetch, WebSocket}} ports
   */
  constructor(target, options, tell, ports = globalThis) {
    this.#target = target;
    this.#options = options;
    this.#tell = tell;
    this.#ports = ports;
  }

  async start() {
    this.#say({ kind: 'stage', text: 'Asking for a place' });
    let reply;
    try {
      const response = await this.#ports.fetch(this.#target.session);
      reply = readSessionReply(await response.text(), response.headers.get('webots-cloud-session'));
    } catch {
      reply = { error: 'The session server does not answer.' };
    }
    if (this.#over) return;
    if (reply.error) this.#end(reply.error, true);
    else this.#open(reply.url);
  }

  /** Asks for the original of a controller's file, `DIR/FILE`. */
  resetController(file) {
    this.#socket?.send(resetControllerFrame(file));
  }

  /** Ends the simulation. Nothing is told any more. */
  close() {
    this.#over = true;
    this.#socket?.close();
  }

  #open(url) {
    this.#say({ kind: 'stage', text: 'Connecting to a simulation server' });
    let socket;
    try {
      socket = new this.#ports.WebSocket(url);
    } catch {
      // Browsers refuse ws: on a page that came over https:, say.
      this.#end(`This page may not open ${url}.`, false);
      return;
    }
    this.#socket = socket;
    socket.onopen = () => {
      this.#say({ kind: 'stage', text: 'Preparing the project' });
      socket.send(this.#firstFrame());
    };
    socket.onmessage = ({ data }) => this.#hear(readServerFrame(data));
    socket.onclose = ({ code }) => this.#closed(code);
  }

  #firstFrame() {
    const { origin, who, mode } = this.#options;
    if (this.#target.kind === 'world') return startFrame(this.#target.url, mode);
    return initFrame({ origin, project: this.#target.project, world: this.#target.world }, who);
  }

  #hear(frame) {
    // Only what is said last is the reason of an end.
    this.#reason = undefined;
    switch (frame.kind) {
      case 'loading':
        return this.#say({ kind: 'stage', text: frame.text });
      case 'webots':
        this.#webots = true;
        return this.#say(frame);
      case 'timeLimit':
      case 'controllerReset':
        return this.#say(frame);
      case 'error':
        this.#reason = frame.text;
        return this.#say({ kind: 'notice', text: frame.text });
    }
  }

  #closed(code) {
    const known = this.#reason && code !== 1000;
    if (known) this.#end(this.#reason, code !== 1007 && code !== 1008 && code !== 1009);
    else if (code === 1000) this.#end(this.#reason ?? 'The simulation has ended.', true);
    else if (this.#webots) this.#end('The connection to the simulation server was lost.', true);
    else this.#end('The simulation server cannot be reached.', true);
  }

  #end(text, again) {
    this.#say({ kind: 'ended', text, again });
    this.#over = true;
  }

  #say(event) {
    if (!this.#over) this.#tell(event);
  }
}
