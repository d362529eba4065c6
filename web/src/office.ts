// What improves the pages of the back office and the operator. Without it they work as well.
import { copyButtons } from "./copy";
import { designs } from "./design";
import { goToFault, sendOnChange, sendOnce } from "./forms";
import { closeMenus } from "./menus";
import { news } from "./news";
import { showPasswords, weighPasswords } from "./password";
import { preview } from "./preview";
import { refresh } from "./refresh";
import { scanning } from "./scanning";
import { shortcuts } from "./shortcuts";
import { showCurrent } from "./tabs";
import { uploadPictures } from "./upload";

sendOnce();
sendOnChange();
goToFault();
showCurrent();
closeMenus();
shortcuts();
copyButtons();
weighPasswords();
showPasswords();
uploadPictures();
preview();
scanning();
designs();
news();
refresh();
