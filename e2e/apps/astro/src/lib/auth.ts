// The app's own sign-in, as far as a test needs one: a cookie that names the user.
export async function getSession(request: Request) {
  const email = /(?:^|; )user=([^;]+)/.exec(request.headers.get("cookie") ?? "")?.[1];
  return email ? { user: { email: decodeURIComponent(email) } } : null;
}
