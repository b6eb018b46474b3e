// The app's own sign-in, as far as a test needs one: a cookie that holds the user's address.
export function handle({ event, resolve }) {
  const email = event.cookies.get("user");
  event.locals.user = email ? { email } : null;
  return resolve(event);
}
