/** The way in: starts itself in a page of its own, and is an anywidget in a notebook. */

import { startPage } from "./page.js";
import { render } from "./widget.js";

const root = document.getElementById("nodesim-explorer");
const data = document.querySelector('script#document[type="application/json"]');
if (root && data) startPage(root, data.textContent);

export { Course } from "./training/course.js";
export { Trainer } from "./training/trainer.js";
export default { render };
