// What Next.js does with a Client Component, as far as it can be seen: renders it with the props that
// the Server Component gave, and takes it away when the route changes.
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { TicketCenter } from "./ticket-center.jsx";

function App() {
  const [route, setRoute] = useState("home");
  const [props, setProps] = useState(null);
  useEffect(() => {
    setProps(null);
    if (route === "support") fetch("/rendered-on-the-server").then((it) => it.json()).then(setProps);
  }, [route]);
  return (
    <main>
      <h1>{route}</h1>
      <button onClick={() => setRoute("home")}>Go home</button>
      <button onClick={() => setRoute("support")}>Go to support</button>
      {props && <TicketCenter {...props} />}
    </main>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
