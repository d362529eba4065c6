// The days of merchants and customers in a browser: `node walks/all.js DOORS`, with what `soko demo` printed.
import "./boutique.js";
import "./refund.js";
import "./bakery.js";
