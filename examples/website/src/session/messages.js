/** What goes over a `/client` socket, in the words of both dialects (W2.2, W2.3, W2.11). */

/**
 * The first frame for a project of this website.
 *
 * @param {{origin: string, project: string, world: string}} what
 * @param {{user1Id?, user1Name?, user1Authentication?, user2Id?, user2Name?, customData?}} who
 */
export function initFrame(what, who = {}) {
  // Old servers take the text `0` for a user, so that nobody is an empty text.
  const id = (value) => (value && String(value) !== '0' ? String(value) : '');
  const text = (value) => (value === undefined || value === null ? '' : String(value));
  return JSON.stringify({
    init: [
      what.origin,
      what.project,
      what.world,
      id(who.user1Id),
      text(who.user1Name),
      text(who.user1Authentication),
      id(who.user2Id),
      text(who.user2Name),
      text(who.customData),
    ],
  });
}

/** The first frame for a world at an address; `mode` is `mjpeg` for pictures. */
export function startFrame(url, mode) {
  return JSON.stringify({ start: mode === 'mjpeg' ? { url, mode } : { url } });
}

/** Asks for the original of a controller's file, `DIR/FILE`. */
export function resetControllerFrame(file) {
  return JSON.stringify({ 'reset controller': file });
}

/**
 * Reads the session server's answer: an address to open, or why there is none.
 *
 * @param {string} text
 * @param {string | null} [name] of the session, for the logs of both servers
 */
export function readSessionReply(text, name) {
  const reply = text.trim();
  if (/^wss?:\/\/[^\s/]/.test(reply)) {
    const session = /^[\w-]{1,64}$/.test(name ?? '') ? `?session=${name}` : '';
    return { url: `${reply.replace(/\/$/, '')}/client${session}` };
  }
  const reason = /^error:\s*(.*)/is.exec(reply)?.[1];
  return { error: sentence(reason || 'The session server gave an answer that makes no sense.') };
}

/** Reads a frame of the simulation server. */
export function readServerFrame(text) {
  if (text === '.') return { kind: 'heartbeat' };
  const error = /^(?:loading:\s*)?error:\s*(.*)/is.exec(text);
  if (error) return { kind: 'error', text: sentence(error[1]) };
  const [, word, rest] = /^([a-z ]+):\s*(.*)/is.exec(text) ?? [];
  switch (word?.toLowerCase()) {
    case 'webots':
      return /^wss?:\/\//.test(rest) ? { kind: 'webots', url: rest.trim() } : { kind: 'unknown', text };
    case 'loading':
    case 'docker':
      return { kind: 'loading', text: sentence(rest) };
    case 'queue':
      return { kind: 'loading', text: `${rest.trim()} others wait for a place before you` };
    case 'shutdowntimeout': {
      const seconds = Number(rest);
      return seconds > 0 ? { kind: 'timeLimit', seconds } : { kind: 'unknown', text };
    }
    case 'reset controller':
      return { kind: 'controllerReset', file: rest.trim() };
    default:
      return { kind: 'unknown', text };
  }
}

function sentence(text) {
  const trimmed = text.trim();
  return trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
}
