// The app around Support.jsx, which comes from the guide.
import { StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";
import { Support } from "./Support.jsx";

function App() {
  const [route, setRoute] = useState("home");
  return (
    <main>
      <h1>{route}</h1>
      <button onClick={() => setRoute("home")}>Go home</button>
      <button onClick={() => setRoute("support")}>Go to support</button>
      {route === "support" && <Support />}
    </main>
  );
}

createRoot(document.getElementById("root")).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
