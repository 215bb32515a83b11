/**
 * What the site's operator says in `settings.json`:
 *
 * - `session`: the session server, as a port of the site's own host or an address,
 * - `simulations`: the simulation servers likewise, for the operator's page,
 * - `worlds`: `[project, world]` of each world that is offered,
 * - `users`: `{email, id, name}` of each; passwords are the website host's business,
 * - `hint`: what the login form says.
 */
export async function settings() {
  const [settings, worlds] = await Promise.all(
    ['settings.json', 'worlds.json'].map(async (file) => (await fetch(file)).json()),
  );
  // The order of `worlds.json`, then what it does not know.
  const order = Object.keys(worlds);
  const place = ([project, world]) => order.indexOf(`${project}/${world}`) + 1 || order.length + 1;
  const server = (it) =>
    typeof it === 'number' ? `${location.protocol}//${location.hostname}:${it}` : it.replace(/\/$/, '');
  return {
    session: server(settings.session),
    simulations: settings.simulations.map(server),
    users: settings.users ?? [],
    hint: settings.hint,
    worlds: settings.worlds
      .toSorted((a, b) => place(a) - place(b))
      .map(([project, world]) => ({
        project,
        world,
        title: `${project}: ${world.replace(/\.wbt$/, '')}`,
        text: '',
        ...worlds[`${project}/${world}`],
      })),
  };
}

/** What `View.open` takes for a world of this site. */
export function worldAddress({ session }, project, world) {
  const path = [...project.split('/'), 'worlds', world].map(encodeURIComponent).join('/');
  return `${session.replace(/^http/, 'ws')}/${path}`;
}
