// The camera of the counter: finds a code in what it sees, and sends the form with it. Loaded when somebody asks to scan.
import decodeQR from "qr/decode.js";

/** Pictures looked at in a second: more would warm a cheap phone, fewer would feel slow. */
const EVERY_MS = 150;
/** The longer side of what is looked at, in pixels. */
const SIDE = 640;

/** Shows the camera above the form and sends the form with the first code found. Throws where there is no camera. */
export async function scan(form: HTMLFormElement, field: HTMLInputElement): Promise<void> {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" }, audio: false });
  const video = document.createElement("video");
  video.setAttribute("playsinline", "");
  video.muted = true;
  video.className = "scan";
  video.srcObject = stream;
  form.prepend(video);
  const stop = (): void => {
    for (const track of stream.getTracks()) track.stop();
    video.remove();
  };
  video.addEventListener("click", stop);
  window.addEventListener("pagehide", stop);
  await video.play();
  const canvas = document.createElement("canvas");
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  const look = (): void => {
    if (!video.isConnected || !pen) return;
    const found = seen(video, canvas, pen);
    if (!found) {
      window.setTimeout(look, EVERY_MS);
      return;
    }
    stop();
    if (navigator.vibrate) navigator.vibrate(60);
    field.value = found;
    form.submit();
  };
  look();
}

/** The text of a code in the video's picture of now; empty if there is none. */
function seen(video: HTMLVideoElement, canvas: HTMLCanvasElement, pen: CanvasRenderingContext2D): string {
  if (video.videoWidth === 0) return "";
  const scale = Math.min(1, SIDE / Math.max(video.videoWidth, video.videoHeight));
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  pen.drawImage(video, 0, 0, canvas.width, canvas.height);
  try {
    return decodeQR(pen.getImageData(0, 0, canvas.width, canvas.height));
  } catch {
    // no code in this picture
    return "";
  }
}
