/** The span that the real-time factor is a mean of, milliseconds. */
const SPAN = 2000;

/** Simulated time, and how fast it goes by: 1 is as fast as on the clock. */
export class Clock {
  #samples = [];
  time = 0;

  /** Simulated and real time, milliseconds. */
  update(time, now) {
    if (time < this.time) this.#samples = [];
    this.time = time;
    this.#samples.push([time, now]);
    while (this.#samples.length > 2 && now - this.#samples[0][1] > SPAN) this.#samples.shift();
  }

  /** Starts again, after a pause. */
  restart() {
    this.#samples = [];
  }

  /** The mean factor of the last two seconds; `undefined` while there is too little to say. */
  get factor() {
    const [first] = this.#samples;
    const last = this.#samples.at(-1);
    if (!first || last[1] - first[1] < 200) return undefined;
    return (last[0] - first[0]) / (last[1] - first[1]);
  }
}

/** `h:mm:ss:mmm`, as Webots shows it. */
export function clockText(milliseconds) {
  const ms = Math.max(0, Math.floor(milliseconds));
  const two = (value) => String(value).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const rest = String(ms % 1000).padStart(3, '0');
  return `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}:${rest}`;
}
