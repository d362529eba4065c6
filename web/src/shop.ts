// What improves a shop's pages. Without it they work as well.
import { addWithoutLeaving, shareByDevice, showCount, showVariant } from "./cart";
import { goToFault, sendOnChange, sendOnce } from "./forms";
import { keepTyped, workOffline } from "./offline";
import { showCurrent } from "./tabs";

workOffline();
addWithoutLeaving();
sendOnce();
sendOnChange();
goToFault();
showCurrent();
showCount();
showVariant();
shareByDevice();
keepTyped();
// a choice that is obeyed at once needs no button beside it
document.querySelectorAll(".without-script").forEach((button) => button.remove());
