// Sockets, a clock and fetch for tests: nothing happens unless the test says so.

/** @returns ports for `Session`, `Stream`, `Availability` and `Play`, with all sockets that were opened */
export function ports(answer = '') {
  const sockets = [];
  const timers = [];
  class Socket {
    readyState = 0;
    sent = [];
    constructor(url) {
      this.url = url;
      sockets.push(this);
    }

    send(text) {
      this.sent.push(text);
    }

    close(code) {
      this.closed = code ?? 'closed';
      this.readyState = 3;
    }

    opens() {
      this.readyState = 1;
      this.onopen?.();
    }

    says(...frames) {
      for (const data of frames) this.onmessage({ data });
    }

    ends(code) {
      this.readyState = 3;
      this.onclose({ code });
    }
  }
  return {
    sockets,
    WebSocket: Socket,
    fetched: [],
    async fetch(url) {
      this.fetched.push(url);
      if (answer instanceof Error) throw answer;
      return { text: async () => answer, headers: new Headers() };
    },
    setTimeout: (act) => timers.push(act) - 1,
    clearTimeout: (at) => {
      timers[at] = undefined;
    },
    /** Time passes: whatever waits for it happens. */
    later() {
      for (const act of timers.splice(0)) act?.();
    },
  };
}
