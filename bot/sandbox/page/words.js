// The page's own words, in the three languages of the bot.

const WORDS = {
  sandbox: { kk: "Құмсалғыш.", ru: "Песочница.", en: "Sandbox." },
  nothingLeaves: {
    kk: "Мұнда жазылғанның бәрі осы компьютерде қалады.",
    ru: "Отсюда ничего не уходит: всё остаётся на этом компьютере.",
    en: "Nothing here leaves this computer.",
  },
  offline: { kk: "Сервермен байланыс жоқ.", ru: "Нет связи с сервером.", en: "The server does not answer." },
  language: { kk: "Беттің тілі", ru: "Язык страницы", en: "Language of the page" },
  citizens: { kk: "Азаматтар", ru: "Граждане", en: "Citizens" },
  desk: { kk: "Жұмыс чаты", ru: "Рабочий чат", en: "Desk" },
  addCitizen: { kk: "Азамат қосу", ru: "Добавить гражданина", en: "Add a citizen" },
  addOfficer: { kk: "Қызметкер қосу", ru: "Добавить сотрудника", en: "Add an officer" },
  addGroup: { kk: "Чат қосу", ru: "Добавить чат", en: "Add a chat" },
  groupName: { kk: "Чаттың атауы", ru: "Название чата", en: "Name of the chat" },
  name: { kk: "Аты", ru: "Имя", en: "Name" },
  nameHint: { kk: "Бос қалдырсаңыз, өзіміз қоямыз", ru: "Можно не заполнять", en: "May be left empty" },
  clientLanguage: { kk: "Телефонының тілі", ru: "Язык телефона", en: "Language of the phone" },
  anonymous: { kk: "Атын көрсетпейтін әкімші", ru: "Анонимный администратор", en: "Anonymous administrator" },
  add: { kk: "Қосу", ru: "Добавить", en: "Add" },
  cancel: { kk: "Бас тарту", ru: "Отмена", en: "Cancel" },
  close: { kk: "Жабу", ru: "Закрыть", en: "Close" },
  noCitizen: {
    kk: "Боттың азамат телефонында қалай көрінетінін осы жерден көресіз. Алдымен азамат қосыңыз.",
    ru: "Здесь видно, как бот выглядит в телефоне гражданина. Сначала добавьте гражданина.",
    en: "This is how the bot looks on a citizen's phone. Add a citizen first.",
  },
  noDesk: {
    kk: "Бот әлі бірде-бір жұмыс чатында жоқ.",
    ru: "Бот пока не состоит ни в одном рабочем чате.",
    en: "The bot is in no desk yet.",
  },
  noOfficer: {
    kk: "Жазу үшін қызметкер қосыңыз.",
    ru: "Чтобы писать, добавьте сотрудника.",
    en: "Add an officer to write here.",
  },
  start: { kk: "Бастау", ru: "Начать", en: "Start" },
  message: { kk: "Хабарлама", ru: "Сообщение", en: "Message" },
  send: { kk: "Жіберу", ru: "Отправить", en: "Send" },
  attach: { kk: "Тіркеу", ru: "Прикрепить", en: "Attach" },
  photos: { kk: "Фото", ru: "Фото", en: "Photos" },
  files: { kk: "Файлдар", ru: "Файлы", en: "Files" },
  location: { kk: "Геопозиция", ru: "Геопозиция", en: "Location" },
  forward: { kk: "Арна жазбасын қайта жолдау", ru: "Переслать пост канала", en: "Forward a channel's post" },
  openLink: { kk: "QR сілтемесін ашу", ru: "Открыть ссылку из QR", en: "Open a QR link" },
  block: { kk: "Ботты бұғаттау", ru: "Заблокировать бота", en: "Block the bot" },
  unblock: { kk: "Бұғаттан шығару", ru: "Разблокировать", en: "Unblock" },
  blocked: { kk: "Бұл адам ботты бұғаттаған.", ru: "Этот человек заблокировал бота.", en: "This person has blocked the bot." },
  commands: { kk: "Командалар", ru: "Команды", en: "Commands" },
  writesAs: { kk: "Кім жазады", ru: "Кто пишет", en: "Who writes" },
  leave: { kk: "Чаттан шығу", ru: "Выйти из чата", en: "Leave the chat" },
  topics: { kk: "Тақырыптар", ru: "Темы", en: "Topics" },
  allTopics: { kk: "Барлығы", ru: "Все темы", en: "All topics" },
  general: { kk: "Жалпы", ru: "Общая", en: "General" },
  reply: { kk: "Жауап беру", ru: "Ответить", en: "Reply" },
  edit: { kk: "Өзгерту", ru: "Изменить", en: "Edit" },
  remove: { kk: "Өшіру", ru: "Удалить", en: "Delete" },
  editing: { kk: "Хабарламаны өзгерту", ru: "Изменение сообщения", en: "Editing the message" },
  replyingTo: { kk: "Жауап:", ru: "Ответ:", en: "Reply to" },
  edited: { kk: "өзгертілді", ru: "изменено", en: "edited" },
  protected: { kk: "Көшіруге болмайды", ru: "Копирование запрещено", en: "Copying is not allowed" },
  silent: { kk: "Дыбыссыз", ru: "Без звука", en: "Silent" },
  forwarded: { kk: "Қайта жолданған:", ru: "Переслано:", en: "Forwarded from" },
  typing: { kk: "жазып жатыр…", ru: "печатает…", en: "typing…" },
  bot: { kk: "бот", ru: "бот", en: "bot" },
  copied: { kk: "Көшірілді", ru: "Скопировано", en: "Copied" },
  notFollowed: { kk: "Құмсалғыш сілтемені ашпайды:", ru: "Песочница не открывает ссылки:", en: "The sandbox opens no links:" },
  spoiler: { kk: "Жасырын мәтін, ашу үшін басыңыз", ru: "Скрыто, нажмите, чтобы открыть", en: "Hidden, press to show" },
  photo: { kk: "Фото", ru: "Фото", en: "Photo" },
  mapPoint: { kk: "Картадағы нүкте", ru: "Точка на карте", en: "Point on the map" },
  live: { kk: "нақты уақытта", ru: "в движении", en: "live" },
  latitude: { kk: "Ендік", ru: "Широта", en: "Latitude" },
  longitude: { kk: "Бойлық", ru: "Долгота", en: "Longitude" },
  pickHint: {
    kk: "Сұлбадан нүкте таңдаңыз немесе координаталарын жазыңыз.",
    ru: "Нажмите на схему или впишите координаты.",
    en: "Press on the sketch, or type the coordinates.",
  },
  channelTitle: { kk: "Арнаның атауы", ru: "Название канала", en: "Name of the channel" },
  channelName: { kk: "@аты (болмаса, бос қалдырыңыз)", ru: "@имя (если есть)", en: "@name (if it has one)" },
  postText: { kk: "Жазбаның мәтіні", ru: "Текст поста", en: "Text of the post" },
  payload: { kk: "Сілтемедегі start мәні", ru: "Значение start из ссылки", en: "The link's start value" },
  open: { kk: "Ашу", ru: "Открыть", en: "Open" },
  keyboard: { kk: "Түймелер", ru: "Кнопки", en: "Buttons" },
  log: { kk: "Хабарламалар", ru: "Сообщения", en: "Messages" },
  joined: { kk: "чатқа қосылды", ru: "теперь в чате", en: "is in the chat now" },
  left: { kk: "чаттан шықты", ru: "больше не в чате", en: "has left the chat" },
  pinned: { kk: "хабарламаны бекітті", ru: "закрепляет сообщение", en: "pinned a message" },
  topicOpened: { kk: "тақырып ашты:", ru: "создаёт тему:", en: "opened a topic:" },
  topicRenamed: { kk: "тақырыптың атын өзгертті:", ru: "переименовывает тему:", en: "renamed the topic:" },
  topicClosed: { kk: "тақырыпты жапты", ru: "закрывает тему", en: "closed the topic" },
  topicReopened: { kk: "тақырыпты қайта ашты", ru: "снова открывает тему", en: "reopened the topic" },
  tooMany: { kk: "Бірден 10 файлға дейін жіберуге болады.", ru: "За раз не больше 10 файлов.", en: "At most 10 files at once." },
};

export const LANGUAGES = { kk: "Қазақша", ru: "Русский", en: "English" };

function guessed() {
  const kept = localStorage.getItem("language");
  if (kept in LANGUAGES) return kept;
  return navigator.languages.map((code) => code.slice(0, 2)).find((code) => code in LANGUAGES) ?? "en";
}

export let language = guessed();

export function setLanguage(code) {
  language = code;
  localStorage.setItem("language", code);
}

export function word(key) {
  return WORDS[key][language];
}
