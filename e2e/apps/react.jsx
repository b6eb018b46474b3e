// A host app in React, in StrictMode, as the guide for React says: the effect
// adds the script for the signed-in user and removes it again.
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";

const { src, helpdeskId, users, route: first } = window.host;

function TicketCenter({ email, signature }) {
  useEffect(() => {
    const script = document.createElement("script");
    script.src = src;
    script.dataset.helpdeskId = helpdeskId;
    script.dataset.email = email;
    script.dataset.signature = signature;
    document.body.append(script);
    return () => script.remove();
  }, [email, signature]);
  return <div id="hdh-ticket-center" />;
}

/** As above, but the container comes later than the script. */
function Late({ email, signature }) {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const script = document.createElement("script");
    script.src = src;
    Object.assign(script.dataset, { helpdeskId, email, signature });
    script.onload = () => setShown(true);
    document.body.append(script);
    return () => script.remove();
  }, [email, signature]);
  return shown ? <div id="hdh-ticket-center" /> : <p>one moment</p>;
}

function App() {
  const [route, setRoute] = useState(first);
  const [user, setUser] = useState(users[0]);
  const [count, setCount] = useState(0);
  window.app = { setRoute, setUser: (index) => setUser(users[index] ?? null), rerender: () => setCount((it) => it + 1) };
  return (
    <main data-count={count}>
      <h1>{route}</h1>
      {user && route === "support" && <TicketCenter {...user} />}
      {user && route === "late" && <Late {...user} />}
    </main>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
