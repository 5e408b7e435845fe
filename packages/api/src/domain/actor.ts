/** Who asks: a person or a script, signed in on the page or with an API token. */
export type Actor = {
  userId: string;
  username: string;
  isSiteAdmin: boolean;
  /** `session`: the web page. `token`: an API token, so a script or the terraform CLI. */
  via: 'session' | 'token';
};
