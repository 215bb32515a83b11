import { Availability } from '../session/availability.js';

const WORDS = {
  asking: 'Asking whether there is room…',
  room: 'There is room for another simulation.',
  full: 'All places are taken at the moment. This page waits for one.',
  silent: 'The session server does not answer. This page keeps asking.',
};

/**
 * Shows whether there is room, as it changes.
 *
 * @param {HTMLElement} line @param {{session: string}} settings @param {(there: boolean) => void} tell
 */
export function showRoom(line, { session }, tell = () => {}) {
  const show = (state) => {
    line.textContent = WORDS[state];
    line.dataset.state = state;
    tell(state === 'room');
  };
  show('asking');
  return new Availability(`${session.replace(/^http/, 'ws')}/`, show);
}
