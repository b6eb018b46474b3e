// The dashboard's script: improves pages that are already complete HTML.
// Nothing here is needed to read, answer, assign or close.

import "@hotwired/turbo";
import { Application } from "@hotwired/stimulus";
import { AssignController } from "./controllers/assign";
import { ComposerController } from "./controllers/composer";
import { CopyController } from "./controllers/copy";
import { FilesController } from "./controllers/files";
import { FormPreviewController } from "./controllers/form-preview";
import { CountdownController } from "./controllers/countdown";
import { EnterController } from "./controllers/enter";
import { KeyboardController } from "./controllers/keyboard";
import { LiveController } from "./controllers/live";
import { MenuController } from "./controllers/menu";
import { ScrollController } from "./controllers/scroll";
import { PreviewController } from "./controllers/preview";
import { SeenController } from "./controllers/seen";
import { StoredController } from "./controllers/stored";
import { ThemeController } from "./controllers/theme";
import { ThreadController } from "./controllers/thread";
import { ToastController } from "./controllers/toast";
import { ViewersController } from "./controllers/viewers";
import { WaitingController } from "./controllers/waiting";
import { keepFocus } from "./focus";
import { keepOpenParts, morphBetweenConversations } from "./morphing";
import { rememberTimeZone } from "./time_zone";

const application = Application.start();
application.register("assign", AssignController);
application.register("composer", ComposerController);
application.register("copy", CopyController);
application.register("countdown", CountdownController);
application.register("enter", EnterController);
application.register("files", FilesController);
application.register("form-preview", FormPreviewController);
application.register("keyboard", KeyboardController);
application.register("live", LiveController);
application.register("menu", MenuController);
application.register("scroll", ScrollController);
application.register("preview", PreviewController);
application.register("seen", SeenController);
application.register("stored", StoredController);
application.register("theme", ThemeController);
application.register("thread", ThreadController);
application.register("toast", ToastController);
application.register("viewers", ViewersController);
application.register("waiting", WaitingController);

keepOpenParts();
morphBetweenConversations();
keepFocus();
rememberTimeZone();
