"""Well-known living or recently living people (facts, written for this list), and common given names."""

PEOPLE = """
Taylor Swift|Beyonce Knowles|Ariana Grande|Billie Eilish|Dua Lipa|Selena Gomez|Justin Bieber|Justin Timberlake|Lady Gaga|Katy Perry|Miley Cyrus|Ed Sheeran|Harry Styles|Olivia Rodrigo|Sabrina Carpenter
Britney Spears|Christina Aguilera|Jennifer Lopez|Nicki Minaj|Cardi B|Doja Cat|Kanye West|Kim Kardashian|Kylie Jenner|Kendall Jenner|Khloe Kardashian|Kourtney Kardashian|Kris Jenner|Hailey Bieber|Gigi Hadid|Bella Hadid
Bad Bunny|Post Malone|Travis Scott|Kendrick Lamar|Snoop Dogg|Bruno Mars|John Legend|Alicia Keys|Mariah Carey|Celine Dion|Whitney Houston|Amy Winehouse|Michael Jackson|Janet Jackson|Elvis Presley|Freddie Mercury
Paul McCartney|John Lennon|Ringo Starr|Mick Jagger|David Bowie|Elton John|Kurt Cobain|Dave Grohl|Chris Martin|Camila Cabello|Shawn Mendes|Zayn Malik|Niall Horan|Liam Payne|Louis Tomlinson|Ellie Goulding|Rita Ora
Avril Lavigne|Gwen Stefani|Megan Thee Stallion|Lana Del Rey|Phoebe Bridgers|Charli XCX|Troye Sivan|Sam Smith|Kylie Minogue|Robbie Williams|Victoria Beckham|David Beckham|Geri Halliwell|Tina Turner|Dolly Parton|Barbra Streisand
Karol G|Rosalia Vila|Enrique Iglesias|Julio Iglesias|Ricky Martin|Marc Anthony|Luis Fonsi|Daddy Yankee|J Balvin|Anitta Machado|Ivete Sangalo|Caetano Veloso|Laura Pausini|Eros Ramazzotti|Andrea Bocelli|Damiano David
Aya Nakamura|Vanessa Paradis|Mylene Farmer|Carla Bruni|Stromae Van Haver|Helene Fischer|Nena Kerner|Till Lindemann|Sarah Connor|Lena Meyer Landrut|Kim Jennie|Jennie Kim|Lalisa Manobal|Kim Jisoo|Park Rose|Jeon Jungkook|Kim Taehyung|Park Jimin|Kim Namjoon|Min Yoongi
Jay Chou|Faye Wong|Andy Lau|Jackie Chan|Jet Li|Bruce Lee|Fan Bingbing|Zhang Ziyi|Gong Li|Yang Mi|Dilraba Dilmurat|Liu Yifei|Zhao Liying|Wang Yibo|Xiao Zhan|Michelle Yeoh|Tony Leung|Donnie Yen|Maggie Cheung
Hamasaki Ayumi|Ayumi Hamasaki|Namie Amuro|Utada Hikaru|Hikaru Utada|Yui Aragaki|Haruka Ayase|Masami Nagasawa|Ken Watanabe|Hiroyuki Sanada|Takeshi Kitano|Shohei Ohtani|Naomi Osaka|Hayao Miyazaki|Hideo Kojima
Scarlett Johansson|Emma Watson|Emma Stone|Jennifer Lawrence|Jennifer Aniston|Angelina Jolie|Brad Pitt|Leonardo DiCaprio|Tom Cruise|Tom Hanks|Tom Holland|Tom Hiddleston|Tom Hardy|Margot Robbie|Ana de Armas|Gal Gadot|Natalie Portman
Anne Hathaway|Sandra Bullock|Julia Roberts|Meryl Streep|Nicole Kidman|Cate Blanchett|Charlize Theron|Keira Knightley|Kate Winslet|Kate Hudson|Kate Moss|Kate Beckinsale|Reese Witherspoon|Drew Barrymore|Cameron Diaz|Halle Berry|Zoe Saldana
Megan Fox|Mila Kunis|Jessica Alba|Jessica Biel|Jessica Chastain|Blake Lively|Ryan Reynolds|Ryan Gosling|Chris Evans|Chris Hemsworth|Chris Pratt|Chris Pine|Robert Downey Jr|Robert Downey|Robert De Niro|Al Pacino|Robert Pattinson|Kristen Stewart|Kristen Bell
Johnny Depp|Amber Heard|Keanu Reeves|Will Smith|Jada Pinkett Smith|Jaden Smith|Denzel Washington|Morgan Freeman|Samuel L Jackson|Idris Elba|Dwayne Johnson|Vin Diesel|Jason Statham|Jason Momoa|Arnold Schwarzenegger|Sylvester Stallone|Bruce Willis|Harrison Ford
Mark Wahlberg|Matt Damon|Ben Affleck|George Clooney|Amal Clooney|Hugh Jackman|Hugh Grant|Daniel Craig|Daniel Radcliffe|Rupert Grint|Pierce Brosnan|Sean Connery|Benedict Cumberbatch|Henry Cavill|Christian Bale|Jake Gyllenhaal|Timothee Chalamet|Zendaya Coleman|Florence Pugh
Anya Taylor Joy|Millie Bobby Brown|Sydney Sweeney|Jenna Ortega|Elle Fanning|Dakota Johnson|Dakota Fanning|Saoirse Ronan|Emily Blunt|Emilia Clarke|Sophie Turner|Maisie Williams|Kit Harington|Pedro Pascal|Bella Ramsey|Elizabeth Olsen|Mary Kate Olsen|Ashley Olsen|Brie Larson
Lupita Nyongo|Viola Davis|Octavia Spencer|Salma Hayek|Penelope Cruz|Javier Bardem|Antonio Banderas|Sofia Vergara|Eva Longoria|Eva Mendes|Monica Bellucci|Sophia Loren|Gerard Depardieu|Marion Cotillard|Lea Seydoux|Brigitte Bardot|Catherine Deneuve|Audrey Tautou|Omar Sy
Jean Dujardin|Vincent Cassel|Diane Kruger|Til Schweiger|Christoph Waltz|Daniel Bruhl|Heidi Klum|Claudia Schiffer|Toni Garrn|Elyas MBarek|Mads Mikkelsen|Alicia Vikander|Stellan Skarsgard|Alexander Skarsgard|Bill Skarsgard|Greta Garbo|Ingrid Bergman|Renate Reinsve
Marilyn Monroe|Audrey Hepburn|Grace Kelly|Elizabeth Taylor|James Dean|Marlon Brando|Clint Eastwood|Jack Nicholson|Robin Williams|Jim Carrey|Adam Sandler|Eddie Murphy|Kevin Hart|Chris Rock|Steve Carell|Bill Murray|Jodie Foster|Winona Ryder|Uma Thurman|Demi Moore|Sharon Stone|Michelle Pfeiffer|Goldie Hawn|Jamie Lee Curtis
Shah Rukh Khan|Salman Khan|Aamir Khan|Amitabh Bachchan|Aishwarya Rai|Deepika Padukone|Priyanka Chopra|Katrina Kaif|Alia Bhatt|Ranveer Singh|Ranbir Kapoor|Kareena Kapoor|Hrithik Roshan|Akshay Kumar|Anushka Sharma|Virat Kohli|Sachin Tendulkar|Rashmika Mandanna|Madhuri Dixit|Shraddha Kapoor|Nora Fatehi
Donald Trump|Melania Trump|Ivanka Trump|Joe Biden|Jill Biden|Hunter Biden|Kamala Harris|Barack Obama|Michelle Obama|Hillary Clinton|Bill Clinton|George Bush|George W Bush|Bernie Sanders|Alexandria Ocasio Cortez|Nancy Pelosi|Mike Pence|JD Vance|Ron DeSantis|Marjorie Taylor Greene|Ted Cruz|Gavin Newsom|Pete Buttigieg|Mitt Romney|John McCain|Condoleezza Rice|Ruth Bader Ginsburg
Vladimir Putin|Volodymyr Zelensky|Volodymyr Zelenskyy|Alexei Navalny|Dmitry Medvedev|Sergey Lavrov|Angela Merkel|Olaf Scholz|Friedrich Merz|Annalena Baerbock|Robert Habeck|Alice Weidel|Markus Soder|Emmanuel Macron|Brigitte Macron|Marine Le Pen|Nicolas Sarkozy|Francois Hollande|Jordan Bardella
Boris Johnson|Rishi Sunak|Keir Starmer|Liz Truss|Theresa May|Tony Blair|David Cameron|Margaret Thatcher|Nigel Farage|Jeremy Corbyn|Giorgia Meloni|Silvio Berlusconi|Matteo Salvini|Pedro Sanchez|Sanna Marin|Alexander Stubb|Sauli Niinisto|Ulf Kristersson|Greta Thunberg|Mette Frederiksen|Mark Rutte|Geert Wilders|Ursula von der Leyen|Viktor Orban|Donald Tusk|Andrzej Duda|Recep Tayyip Erdogan|Benjamin Netanyahu
Narendra Modi|Rahul Gandhi|Indira Gandhi|Xi Jinping|Li Keqiang|Kim Jong Un|Kim Yo Jong|Shinzo Abe|Fumio Kishida|Imran Khan|Justin Trudeau|Pierre Poilievre|Jacinda Ardern|Anthony Albanese|Jair Bolsonaro|Lula da Silva|Dilma Rousseff|Javier Milei|Nicolas Maduro|Fidel Castro|Claudia Sheinbaum|Nayib Bukele|Nelson Mandela|Cyril Ramaphosa|Bashar al Assad|Muammar Gaddafi|Saddam Hussein|Osama bin Laden|Ali Khamenei|Mohammed bin Salman|Yasser Arafat
Queen Elizabeth II|King Charles III|Prince Charles|Prince William|Prince Harry|Kate Middleton|Catherine Middleton|Meghan Markle|Princess Diana|Lady Diana|Diana Spencer|Camilla Parker Bowles|Queen Letizia|Queen Rania|Pope Francis|Pope Leo|Pope Benedict|Dalai Lama|Mother Teresa|Malala Yousafzai
Elon Musk|Jeff Bezos|Bill Gates|Melinda Gates|Mark Zuckerberg|Steve Jobs|Tim Cook|Sundar Pichai|Satya Nadella|Sam Altman|Jensen Huang|Larry Page|Sergey Brin|Larry Ellison|Warren Buffett|Jack Ma|Peter Thiel|Sheryl Sandberg|Oprah Winfrey|Ellen DeGeneres|Jimmy Fallon|Jimmy Kimmel|Stephen Colbert|Conan OBrien|Joe Rogan|Tucker Carlson|Anderson Cooper|Rachel Maddow|Jeremy Clarkson|Gordon Ramsay|Jamie Oliver|Martha Stewart|Piers Morgan|James Corden
Cristiano Ronaldo|Lionel Messi|Neymar Junior|Neymar Jr|Kylian Mbappe|Erling Haaland|Robert Lewandowski|Luka Modric|Mohamed Salah|Harry Kane|Jude Bellingham|Lamine Yamal|Vinicius Junior|Karim Benzema|Zinedine Zidane|Diego Maradona|Zlatan Ibrahimovic|Thomas Muller|Manuel Neuer|Toni Kroos|Jurgen Klopp|Pep Guardiola|Jose Mourinho|Alex Morgan|Megan Rapinoe|Alexia Putellas|Aitana Bonmati
Roger Federer|Rafael Nadal|Novak Djokovic|Carlos Alcaraz|Jannik Sinner|Serena Williams|Venus Williams|Maria Sharapova|Emma Raducanu|Iga Swiatek|Coco Gauff|Steffi Graf|Boris Becker|Andre Agassi|Andy Murray|LeBron James|Michael Jordan|Kobe Bryant|Stephen Curry|Shaquille ONeal|Kevin Durant|Giannis Antetokounmpo|Luka Doncic|Caitlin Clark|Tom Brady|Patrick Mahomes|Travis Kelce|Colin Kaepernick|Usain Bolt|Simone Biles|Michael Phelps|Mike Tyson|Muhammad Ali|Floyd Mayweather|Conor McGregor|Ronda Rousey|Tiger Woods|Lewis Hamilton|Max Verstappen|Charles Leclerc|Michael Schumacher|Sebastian Vettel|Kimi Raikkonen|Fernando Alonso|Lindsey Vonn|Mikaela Shiffrin|Eileen Gu|Hulk Hogan|John Cena
Paris Hilton|Nicole Richie|Lindsay Lohan|Tyra Banks|Naomi Campbell|Cindy Crawford|Gisele Bundchen|Adriana Lima|Alessandra Ambrosio|Miranda Kerr|Candice Swanepoel|Rosie Huntington Whiteley|Cara Delevingne|Emily Ratajkowski|Karlie Kloss|Irina Shayk|Winnie Harlow|Ashley Graham|Barbara Palvin|Georgina Rodriguez|Addison Rae|Charli DAmelio|Dixie DAmelio|Khaby Lame|Bella Poarch|Emma Chamberlain|Jake Paul|Logan Paul|Felix Kjellberg|Jimmy Donaldson|Kai Cenat|Andrew Tate|Chiara Ferragni|Belle Delphine|Mia Khalifa|Lana Rhoades|Riley Reid|Sasha Grey|Stormy Daniels|Jenna Jameson
Stephen Hawking|Neil deGrasse Tyson|Noam Chomsky|Jordan Peterson|Richard Dawkins|Jane Goodall|JK Rowling|Stephen King|George RR Martin|Steven Spielberg|Quentin Tarantino|Christopher Nolan|Martin Scorsese|Woody Allen|Harvey Weinstein|Jeffrey Epstein|Ghislaine Maxwell|Julian Assange|Edward Snowden|Bob Marley|Bob Dylan|Jimi Hendrix|Jim Morrison|Tupac Shakur|Che Guevara|Adolf Hitler|Joseph Stalin|Mao Zedong|Winston Churchill|John F Kennedy|Jackie Kennedy|Ronald Reagan|Richard Nixon|Albert Einstein|Martin Luther King|Mahatma Gandhi|Anne Frank
Алла Пугачева|Владимир Путин|Владимир Зеленский|Ксения Собчак|Филипп Киркоров|Мария Шарапова|Дональд Трамп|Илон Маск|Тейлор Свифт|Скарлетт Йоханссон|Эмма Уотсон|Алина Загитова|Юрий Гагарин|Анджелина Джоли
"""

SINGLE = """
beyonce rihanna zendaya eminem shakira putin zelensky zelenskyy mbappe ronaldo messi neymar schwarzenegger dicaprio djokovic zuckerberg kardashian kardashians obama netanyahu bolsonaro
pewdiepie mrbeast pokimane amouranth lewandowski haaland erdogan navalny berlusconi macron timberlake ibrahimovic 
путин путина путину зеленский зеленского трамп трампа навальный
"""

PEOPLE_CJK = (
    "泰勒斯威夫特", "泰勒·斯威夫特", "テイラースウィフト", "テイラー・スウィフト", "エマワトソン", "エマ・ワトソン", "スカーレットヨハンソン", "スカーレット・ヨハンソン", "斯嘉丽约翰逊", "斯嘉丽·约翰逊", "艾玛沃特森", "艾玛·沃特森",
    "范冰冰", "杨幂", "迪丽热巴", "刘亦菲", "赵丽颖", "王一博", "肖战", "成龙", "李连杰", "周杰伦", "章子怡", "巩俐", "习近平", "毛泽东", "特朗普", "川普", "普京", "马斯克", "拜登", "奥巴马", "马云", "李小龙",
    "新垣結衣", "石原さとみ", "綾瀬はるか", "長澤まさみ", "橋本環奈", "浜辺美波", "広瀬すず", "大谷翔平", "安倍晋三", "岸田文雄", "木村拓哉", "北川景子", "渡辺謙", "トランプ大統領", "イーロンマスク", "イーロン・マスク", "オバマ大統領", "プーチン",
    "아이유", "제니", "김연아", "손흥민", "방탄소년단정국", "수지배우", "송혜교", "전지현", "트럼프", "윤석열", "김정은", "손예진",
)  # fmt: skip

PLACES = (
    "airport|international|street|avenue|boulevard|road|square|stadium|arena|museum|memorial|monument|bridge|park|tower|library|university|foundation|hospital|center|centre|plaza|island|"
    "statue|bay|school of|theater|theatre|award|prize|day|highway|station|platz|strasse|house museum|hotel|cafe|tennis center|tennis centre|space center|space centre|book|biography|autobiography"
)

GIVEN = """
aaron abby abigail adam adrian adriana agnes ahmed aino aisha akira alan albert alejandro alessandro alex alexander alexandra alexis ali alice alicia alina allison amanda amelia amy ana anastasia andre andrea andrew angela angelina anita ann anna anne annika anthony anton antonio
arthur ashley astrid audrey barbara beatrice ben benjamin bernard beth betty bianca bill bob boris brad brandon brenda brian brigitte bruce bruno bryan caitlin camila camille carl carla carlos carmen carol carolina caroline catherine charles charlotte chen chiara chloe chris christian christina christine christopher
claire clara claudia connor courtney cristina cynthia dan daniel daniela daria dave david deborah denise dennis diana diane diego dmitri dominic donald donna doris dorothy dylan edward eleanor elena eli elisa elizabeth ella ellen elsa emily emma eric erik erin eva evan evelyn fabio fatima felix fernando fiona florence frances francesca francisco frank
fred frieda gabriel gabriela gary george gerald gina giulia giulio gloria grace greg gustav hanna hannah harry hassan heather heidi helen helena henry hiroshi hugo ian ibrahim igor ines ingrid irene iris irina isabel isabella ivan jack jackie jacob james jamie jan jane janet jason jean jeff jennifer jenny jeremy jerry jessica jesus jill joan joe johan johanna john
jonas jonathan jordan jorge jose joseph josh joshua joyce juan judith judy julia julian julie justin karen karin karl katrin kathrin silke anja birgit ute heike jens uwe jurgen wolfgang dieter kate katherine kathleen katie katja keith kelly ken kenji kevin kim kimberly kristen kristina kurt kyle lara larry laura lauren lea lena leo leon leonardo linda lindsay lisa liam lorenzo louis louise lucas lucia lucy luis lukas luke lydia maggie magnus manuel marc marco margaret maria mariam marie marina mario mark markus marta martha martin martina mary mateo
matilda matt matteo matthew max maya megan mei melanie melissa mia michael michelle miguel mikael mike mikko milena mohamed mohammed monica monika nadia nancy naomi natalia natalie natasha nathan nicholas nick nicole nikita nina noah nora oleg olga oliver olivia omar oscar otto pablo pamela paola pat patricia patrick paul paula pedro penelope peter petra philip pierre priya rachel rafael ralph raquel raymond rebecca renee
ricardo richard rita robert roberta roberto robin roger ronald rosa rose roy russell ruth ryan sabine sabrina sally sam samantha samuel sandra sara sarah scott sean sebastian sergei sergio sharon shirley silvia simon simone sofia sofie sonia sophia sophie stefan stefano stella stephanie stephen steve steven sue susan svetlana sven sylvia tamara tanya tara tatiana ted teresa terry theo theresa thomas tiffany tim tina todd tom tomas tony tracy ulrike ursula valentina
valeria vanessa vera veronica victor victoria vincent viktor virginia vladimir walter wanda wei wendy william xavier yasmin yuki yuri yvonne zoe
"""

NO_LAST_NAME = """
is in and at on with wearing of the a an to from but who as or for by sitting standing walking under
near over inside holding during after before when while petals garden gardens bloom flower flowers
petal bush water painting statue doll
"""

AMBIGUOUS = """
rose grace iris mark bill robin jack florence victoria virginia georgia carolina jordan sally joy
jesus jean pat rich art lea mei dan carol crystal ken tim may chase santa ruby amber chen ali diana
olive leo sandy
"""

NO_PERSON = """
new san los las mount lake north south east west saint santa st christmas old wonder snow mona black
white red green blue golden grand hong central great big little sleeping captain spider iron the
mother lady miss art hello van lara sherlock princess cinderella barbie rapunzel disney
studio super bat cat super rio buenos abu tel sri costa puerto monte cape fort palm silicon wall
fifth times greek roman french italian victorian edo swiss
"""
