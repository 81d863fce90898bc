/* The form of a schedule in the admin: shows when it would start while it is being written. */
(function () {
  "use strict";
  var DELAY_MS = 300;
  // What says when. The rest, a long note perhaps, would only make the address longer than a server takes.
  var FIELDS = ["days", "times", "cron", "timezone", "start", "end", "blackout"];

  function show(place, answer) {
    place.replaceChildren();
    if (answer.problems.length > 0) {
      place.append(paragraph(answer.problems[0]));
      return;
    }
    var list = document.createElement("ol");
    answer.starts.forEach(function (start) {
      var item = document.createElement("li");
      item.textContent = start;
      list.append(item);
    });
    place.append(answer.starts.length > 0 ? list : paragraph("None: it has ended, or a blackout covers all of them."));
  }

  function paragraph(text) {
    var made = document.createElement("p");
    made.textContent = text;
    return made;
  }

  function follow(form, place) {
    var waiting = 0;
    var asked = 0;
    function ask() {
      var number = ++asked;
      var query = new URLSearchParams();
      new FormData(form).forEach(function (value, name) {
        if (FIELDS.indexOf(name) >= 0) query.append(name, value);
      });
      fetch(place.dataset.preview + "?" + query)
        .then(function (answer) { return answer.ok ? answer.json() : Promise.reject(new Error(answer.statusText)); })
        .then(function (answer) { if (number === asked) show(place, answer); })
        .catch(function () { if (number === asked) place.replaceChildren(paragraph("The server does not answer. Saving shows the next starts.")); });
    }
    form.addEventListener("input", function () {
      clearTimeout(waiting);
      waiting = setTimeout(ask, DELAY_MS);
    });
  }

  document.addEventListener("DOMContentLoaded", function () {
    var place = document.querySelector("[data-preview]");
    var form = document.getElementById("schedule_form");
    if (place && form) follow(form, place);
  });
})();
