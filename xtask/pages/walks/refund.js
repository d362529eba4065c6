// From sign-up to a refund in English on a desk, with scripts and without.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DESK, browser, doors, visitor } from "../site.js";
import { addProduct, fillCheckout, says, send, signUp, toCheckout } from "./people.js";

const site = doors(process.argv[2]);
let chromium;
before(async () => (chromium = await browser()));
after(() => chromium.close());

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "with scripts" : "without a script";
  test(`from sign-up to a refund ${how}`, async () => {
    const look = { locale: "en", viewport: DESK, javaScriptEnabled };
    const owner = await visitor(chromium, site.base, look);
    const customer = await visitor(chromium, site.base, look);
    const name = javaScriptEnabled ? "North Street Goods" : "South Street Goods";
    const shop = await signUp(owner.page, name, `owner-${javaScriptEnabled}`, "GB");
    await addProduct(owner.page, shop, { title: "Enamel mug", price: "12.50" });

    await toCheckout(customer.page, shop, "Enamel mug");
    await fillCheckout(customer.page, { name: "Ann Smith", phone: "+44 7700 900123", method: "cod" });
    await send(customer.page, customer.page.locator("form[method=post] button:not([name])").last());
    await customer.page.waitForURL(/\/orders\//);
    await says(customer.page, "£12.50");

    const { page } = owner;
    await page.goto(`${shop}/admin/orders`);
    await send(page, page.locator("main table tbody a").first());
    await says(page, "Ann Smith");
    const hand_over = page.locator("form:has(input[name=step][value=hand-over]) button").first();
    await page.fill("[name=collected_by]", "Ann").catch(() => null);
    await send(page, hand_over);
    await page.locator("summary", { hasText: "Refund" }).click();
    await send(page, page.locator("form[action$='/refunds'] button.danger"));
    await says(page, /Refund/);
    await customer.page.reload();
    await says(customer.page, "£12.50");
    assert.deepEqual([...owner.complaints, ...customer.complaints], []);
  });
}
