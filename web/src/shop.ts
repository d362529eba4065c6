// What improves a shop's pages. Without it they work as well.
import { goToFault, sendOnChange, sendOnce } from "./forms";

sendOnce();
sendOnChange();
goToFault();
