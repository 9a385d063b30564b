/** Where the modules of the dashboard find those that a web server has at /jobd/: beside them in the sources. */
import { register } from "node:module";

register(`data:text/javascript,${encodeURIComponent(`
  export const resolve = (name, context, next) =>
    next(name.startsWith("../jobd/") && context.parentURL.includes("/dashboard/") ? name.replace("../jobd/", "../") : name, context);
`)}`);
