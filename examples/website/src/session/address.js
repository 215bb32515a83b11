/** An address that `View.open` cannot make sense of. */
export class AddressError extends Error {}

/**
 * Reads what `View.open` is given, in any of the forms of the specification and of later clients:
 *
 * - `ws://HOST/PROJECT/worlds/X.wbt`: a simulation of a project of this website,
 * - `http://HOST/session?url=WORLD` (also `ws:`): a simulation of the world at an address,
 * - `ws://HOST:PORT`: a broadcast of a simulation that runs,
 * - `FILE.x3d`: a scene without a simulation.
 *
 * @param {string} text
 * @param {string} base the page's own address, for relative ones
 * @returns {{kind: 'project', session: string, project: string, world: string}
 *   | {kind: 'world', session: string, url: string}
 *   | {kind: 'stream', url: string}
 *   | {kind: 'scene', url: string}}
 */
export function readAddress(text, base) {
  let url;
  try {
    url = new URL(text, base);
  } catch {
    throw new AddressError(`“${text}” is not an address.`);
  }
  const overSocket = /^wss?:$/.test(url.protocol);
  if (!overSocket && !/^https?:$/.test(url.protocol)) {
    throw new AddressError(`“${text}” begins with neither ws, wss, http nor https.`);
  }
  if (url.pathname.endsWith('.x3d') && !overSocket) return { kind: 'scene', url: url.href };
  const session = new URL(url);
  session.protocol = url.protocol.replace('ws', 'http');
  session.hash = '';
  const world = url.searchParams.get('url');
  if (url.pathname.endsWith('/session') && world) {
    return { kind: 'world', session: session.href, url: world };
  }
  if (!overSocket) throw new AddressError(`“${text}” is neither a simulation nor a scene.`);
  if (url.pathname.endsWith('.wbt')) {
    const parts = url.pathname.slice(1).split('/').map(decodeURIComponent);
    const file = parts.pop();
    if (parts.pop() !== 'worlds' || parts.length === 0) {
      throw new AddressError(`“${text}” is not of the form ws://HOST/PROJECT/worlds/X.wbt.`);
    }
    session.pathname = '/session';
    session.search = '';
    return { kind: 'project', session: session.href, project: parts.join('/'), world: file };
  }
  return { kind: 'stream', url: url.href };
}

/** The address of a page's origin as simulation servers know it: without `www.` (W2.3). */
export function originOf(location) {
  return `${location.protocol}//${location.host.replace(/^www\./, '')}`;
}

/** The address of the session server's own socket, which tells whether there is room. */
export function availabilityAddress(session) {
  const url = new URL(session);
  url.protocol = url.protocol.replace('http', 'ws');
  url.pathname = url.pathname.replace(/session$/, '');
  url.search = '';
  return url.href;
}
