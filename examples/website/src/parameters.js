/**
 * What the page that embeds a view may set, under the names that the specification gives: on the
 * object `webots`, before `View.open`.
 */
export const parameters = {
  /** Data of the application, for the simulation server and the website. */
  CustomData: '',
  /** Whether the toolbar has a button that loads the world again. */
  showRevert: true,
  /** Whether the toolbar has a button that quits. */
  showQuit: true,
  /** The user: an id above 0, a name, and what proves it; all empty if nobody is logged in. */
  User1Id: '',
  User1Name: '',
  User1Authentication: '',
  /** Another user, for a match between two. */
  User2Id: '',
  User2Name: '',
};

/** Whom the simulation is for. */
export function who() {
  return {
    user1Id: parameters.User1Id,
    user1Name: parameters.User1Name,
    user1Authentication: parameters.User1Authentication,
    user2Id: parameters.User2Id,
    user2Name: parameters.User2Name,
    customData: parameters.CustomData,
  };
}

/** Is somebody logged in, whose files the website keeps? */
export function isLoggedIn() {
  return (
    Number(parameters.User1Id) !== 0 && Boolean(parameters.User1Id) && Boolean(parameters.User1Authentication)
  );
}
