// The docs' script: buttons that copy, and the choice of a theme. The pages are whole without it.

import { Application } from "@hotwired/stimulus";
import { CopyController } from "../dashboard/controllers/copy";
import { ThemeController } from "../dashboard/controllers/theme";

const application = Application.start();
application.register("copy", CopyController);
application.register("theme", ThemeController);
