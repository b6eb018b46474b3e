// The app around support.component.ts, which comes from the guide.
import "@angular/compiler";
import { Component, provideZonelessChangeDetection, signal } from "@angular/core";
import { bootstrapApplication } from "@angular/platform-browser";
import { SupportComponent } from "./support.component";

@Component({
  selector: "app-root",
  imports: [SupportComponent],
  template: `<main>
    <h1>{{ route() }}</h1>
    <button (click)="route.set('home')">Go home</button>
    <button (click)="route.set('support')">Go to support</button>
    @if (route() === "support") {
      <app-support />
    }
  </main>`,
})
class AppComponent {
  readonly route = signal("home");
}

void bootstrapApplication(AppComponent, { providers: [provideZonelessChangeDetection()] });
