import type { APIRoute } from "astro";

const USERS = JSON.parse(import.meta.env.APP_USERS);

/** Signs one of the app's users in. */
export const GET: APIRoute = ({ params, redirect, cookies }) => {
  cookies.set("user", USERS[params.user ?? ""] ?? "", { path: "/" });
  return redirect("/support");
};
